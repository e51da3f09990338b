import { textFile } from "../harness/files.ts";
import { move, openPosting, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

const cv = (name: string) => textFile("cv.txt", `${name}\n\nExperience\nEngineer\nAcme Ltd\nMarch 2020 - present\n`);

const rows = (page: Page) => page.getByTestId("application-row");
const isLive = (page: Page) => expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");

test("following a link moves the focus to the new page's heading", async ({ page, request }) => {
  await send(request, { cv: cv("Marta Silveira") });
  await signIn(page);
  await openPosting(page);
  await isLive(page);
  await rows(page).locator("a").press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Marta Silveira" })).toBeFocused();
  await page.getByRole("link", { name: "← Backend engineer" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Backend engineer" })).toBeFocused();
  await page.getByRole("link", { name: "← Postings" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Postings" })).toBeFocused();
});

test.describe("in a low window", () => {
  test.use({ viewport: { width: 1280, height: 400 } });

  test("Back returns to the scroll position of a board and to the link that was followed", async ({ page, request }) => {
    for (let n = 1; n <= 8; n++) {
      expect((await send(request, { name: `Applicant ${n}`, cv: cv(`Applicant ${n}`) })).status()).toBe(303);
    }
    await signIn(page);
    await openPosting(page);
    await isLive(page);
    await expect(rows(page)).toHaveCount(8);
    const link = rows(page).filter({ hasText: "Applicant 1" }).locator("a");
    await link.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => window.scrollY);
    expect(before).toBeGreaterThan(100);
    await link.click();
    await expect(page.getByRole("heading", { level: 1, name: "Applicant 1" })).toBeVisible();
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
    await page.goBack();
    await expect(link).toBeFocused();
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(before);
  });
});

test("the way back from an application keeps the board's stage, and an empty stage says so", async ({ page, request }) => {
  await send(request, { cv: cv("Marta Silveira") });
  await signIn(page);
  await openPosting(page);
  await isLive(page);
  await page.getByRole("link", { name: /^Applied/ }).click();
  await expect(page).toHaveURL(/\?stage=applied$/);
  const board = page.url();
  await rows(page).locator("a").click();
  await page.getByRole("link", { name: "← Backend engineer" }).click();
  await expect(page).toHaveURL(board);
  await expect(rows(page)).toHaveCount(1);

  await rows(page).locator("a").click();
  await move(page, "review");
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "review");
  await page.getByRole("link", { name: "← Backend engineer" }).click();
  await expect(page.getByRole("heading", { name: "No applications in this stage" })).toBeVisible();
  await page.getByRole("link", { name: "Show all applications" }).click();
  await expect(rows(page)).toHaveCount(1);
});
