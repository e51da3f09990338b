import { readFile } from "node:fs/promises";
import { fixture, textFile } from "../harness/files.ts";
import { findApplication, move, openPosting, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

const apply = "/careers/backend-engineer";

async function fillIn(page: Page): Promise<void> {
  await page.getByLabel("Name").fill("Marta Silveira");
  await page.getByLabel("E-mail").fill("marta@example.org");
}

const large = () => {
  const cv = "<h1>Marta Silveira</h1><h2>Experience</h2><p>Backend engineer, Acme Ltd</p><p>March 2020 - present</p>";
  return textFile("cv.html", `<!doctype html><body>${cv}<!--${"not shown ".repeat(120_000)}-->`, "text/html");
};

test("a slow upload shows its progress and can be canceled", async ({ page, context }) => {
  const devtools = await context.newCDPSession(page);
  await page.goto(apply);
  await fillIn(page);
  await page.locator('input[name="cv"]').setInputFiles(large());
  const slow = { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: 150_000 };
  await devtools.send("Network.emulateNetworkConditions", slow);
  await page.getByRole("button", { name: "Send application" }).click();
  const bar = page.getByTestId("upload-progress");
  await expect(bar).toBeVisible();
  await expect.poll(() => bar.evaluate((bar: HTMLProgressElement) => bar.value)).toBeGreaterThan(10);
  expect(await bar.evaluate((bar: HTMLProgressElement) => bar.value)).toBeLessThan(100);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(bar).toBeHidden();
  await expect(page.getByLabel("Name")).toHaveValue("Marta Silveira");

  await devtools.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
  await page.getByRole("button", { name: "Send application" }).click();
  await expect(page.getByTestId("status")).toBeVisible();
});

test("a CV can be dropped", async ({ page }) => {
  await page.goto(apply);
  await fillIn(page);
  const bytes = [...(await readFile(fixture("two-page-two-column.pdf")))];
  const files = await page.evaluateHandle((bytes) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([new Uint8Array(bytes)], "my cv.pdf", { type: "application/pdf" }));
    return dropped;
  }, bytes);
  const zone = page.getByTestId("drop-zone");
  await zone.dispatchEvent("dragover", { dataTransfer: files });
  await expect(zone).toHaveClass(/over/);
  await zone.dispatchEvent("drop", { dataTransfer: files });
  await expect(zone).toContainText("my cv.pdf, 47 kB");
  await page.getByRole("button", { name: "Send application" }).click();
  await expect(page.getByTestId("status")).toContainText("my cv.pdf");
});

test("after a refused file the other fields are kept, and another file is accepted", async ({ page, complaints }) => {
  complaints.allow(/status of 422/);
  await page.goto(apply);
  await fillIn(page);
  await page.locator('input[name="cv"]').setInputFiles(fixture("encrypted.pdf"));
  await page.getByRole("button", { name: "Send application" }).click();
  await expect(page.getByTestId("form-error")).toContainText("password");
  await expect(page.getByLabel("Name")).toHaveValue("Marta Silveira");
  const cv = page.locator('input[name="cv"]');
  await expect(cv).toBeFocused();
  await expect(cv).toHaveAttribute("aria-invalid", "true");
  await expect(cv).toHaveAccessibleDescription(/password/);
  await cv.setInputFiles(fixture("two-page-two-column.pdf"));
  await expect(page.getByTestId("form-error")).toBeHidden();
  await expect(cv).not.toHaveAttribute("aria-invalid");
  await page.getByRole("button", { name: "Send application" }).click();
  await expect(page.getByTestId("status")).toBeVisible();
});

test("an unknown public address links to the open positions", async ({ page, complaints }) => {
  complaints.allow(/status of 404/);
  for (const path of ["/careers/nothing", "/status/nothing"]) {
    await page.goto(path);
    await expect(page).toHaveTitle(/^Error: /);
    await page.getByRole("link", { name: "See open positions" }).click();
    await expect(page.getByRole("heading", { name: "Open positions" })).toBeVisible();
  }
});

test("the posting is in the page as schema.org's JobPosting", async ({ page }) => {
  await page.goto(apply);
  const posting = JSON.parse((await page.locator('script[type="application/ld+json"]').textContent()) ?? "");
  expect(posting).toMatchObject({ "@context": "https://schema.org", "@type": "JobPosting", title: "Backend engineer" });
  expect(posting.hiringOrganization.name).toBe("Continental Timetables");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the error about a refused file is in view, and its address redirects to the form", async ({ page, complaints }) => {
    complaints.allow(/status of 422/);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(apply);
    await fillIn(page);
    await page.locator('input[name="cv"]').setInputFiles(fixture("encrypted.pdf"));
    await page.getByRole("button", { name: "Send application" }).click();
    await expect(page).toHaveTitle(/^Error: Backend engineer/);
    const error = page.getByTestId("form-error");
    await expect(error).toContainText("password");
    await expect(error).toBeFocused();
    await expect(error).toBeInViewport();
    await expect(page.locator('input[name="cv"]')).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Name")).toHaveValue("Marta Silveira");
    await page.goto(page.url());
    await expect(page).toHaveURL(new RegExp(`${apply}$`));
    await expect(page.getByTestId("apply-form")).toBeVisible();
  });

  test("applying, signing in, reading a summary and moving an application work", async ({ page }) => {
    await page.goto("/careers");
    await page.getByRole("link", { name: "Backend engineer" }).click();
    await fillIn(page);
    await page.locator('input[name="cv"]').setInputFiles(fixture("two-page-two-column.pdf"));
    await page.getByRole("button", { name: "Send application" }).click();
    await expect(page).toHaveURL(/\/status\/[0-9a-f]{64}$/);
    await expect(page.getByTestId("status")).toContainText("Thank you, Marta Silveira");

    await signIn(page);
    await openPosting(page);
    const path = await findApplication(page);
    await expect(async () => {
      await page.goto(path);
      await expect(page.getByTestId("summary")).toHaveAttribute("data-state", "ready", { timeout: 100 });
    }).toPass();
    const role = page.locator('[data-testid="summary-line"][data-kind="current-role"]');
    await role.getByText("Quote").click();
    await expect(role.locator("blockquote").first()).toContainText("Senior Backend Engineer");

    await move(page, "review");
    await expect(page).toHaveURL((url) => url.pathname === path);
    await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "review");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/sign-in/);
  });
});
