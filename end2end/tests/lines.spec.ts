import { pdf } from "../harness/files.ts";
import { applyAndFind, isReady, move, recruiters, signIn } from "../harness/people.ts";
import { type Locator, type Page, expect, test } from "../harness/test.ts";

const buttons = (page: Page) => page.getByTestId("summary-line").locator("button.line-text");
const highlight = (page: Page) => page.getByTestId("evidence-highlight").first();
const isLive = (page: Page) => expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");

/** Opens a ready application whose CV has two pages. */
async function open(page: Page, request: Parameters<typeof applyAndFind>[1]): Promise<void> {
  await signIn(page);
  await page.goto(await applyAndFind(page, request, await pdf("two-page-two-column.pdf")));
  await isReady(page);
  await isLive(page);
}

/** Requires the whole element inside of the window. */
async function isInWindow(element: Locator, what: string): Promise<void> {
  const inside = () =>
    element.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= window.innerHeight;
    });
  await expect.poll(inside, `${what} is in view`).toBe(true);
}

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
]) {
  test(`every line brings its passage into view, ${viewport.height} px`, async ({ page, request }) => {
    await page.setViewportSize(viewport);
    await open(page, request);
    const count = await buttons(page).count();
    expect(count).toBeGreaterThan(10);
    for (let n = 0; n < count; n++) {
      await page.evaluate(() => window.scrollTo(0, 0));
      await buttons(page).nth(n).click();
      await isInWindow(highlight(page), `the passage of line ${n}`);
    }
    await expect(page.getByRole("link", { name: "Back to the line" })).toBeHidden();
  });
}

test("arrow keys lead from line to line, Tab stops once in each group, and Escape ends the highlighting", async ({ page, request }) => {
  await open(page, request);
  const groups = page.locator(".lines .group").filter({ has: page.locator("button.line-text") });
  const stops = page.locator('.lines button.line-text[tabindex="0"]');
  await expect(stops).toHaveCount(await groups.count());
  const last = (await buttons(page).count()) - 1;
  await buttons(page).first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(buttons(page).nth(1)).toBeFocused();
  await page.keyboard.press("End");
  await expect(buttons(page).nth(last)).toBeFocused();
  await expect(buttons(page).nth(last)).toHaveAttribute("tabindex", "0");
  await expect(stops).toHaveCount(await groups.count());
  await page.keyboard.press("ArrowUp");
  await expect(buttons(page).nth(last - 1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(highlight(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("evidence-highlight")).toHaveCount(0);
  await expect(buttons(page).nth(last - 1)).toBeFocused();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("the quote leads to its passage, and from there a link leads back", async ({ page, request }) => {
    await open(page, request);
    const line = page.locator('[data-testid="summary-line"][data-kind="current-role"]');
    await line.getByRole("button").click();
    await line.getByRole("link", { name: /^page/ }).first().click();
    await isInWindow(highlight(page), "the passage");
    await page.getByRole("link", { name: "Back to the line" }).click();
    await isInWindow(line.getByRole("button"), "the line");
  });
});

test("an unsent note survives leaving the page, and Control+Enter sends it", async ({ page, request }) => {
  await open(page, request);
  const note = page.getByLabel(/New note/);
  await note.fill("Ask about timetables");
  await page.getByRole("link", { name: "← Backend engineer" }).click();
  await page.getByTestId("application-row").locator("a").click();
  await expect(note).toHaveValue("Ask about timetables");
  await page.reload();
  await isLive(page);
  await expect(note).toHaveValue("Ask about timetables");
  await note.press("Control+Enter");
  await expect(page.getByTestId("note")).toHaveText(/Ask about timetables/);
  await expect(note).toHaveValue("");
  await page.reload();
  await isLive(page);
  await expect(note).toHaveValue("");
});

test("what failed offline can be sent when the network is back, and the error is gone", async ({ page, context, request, complaints }) => {
  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  await open(page, request);
  await context.setOffline(true);
  await expect(page.getByTestId("offline-banner")).toBeVisible();
  const note = page.getByLabel(/New note/);
  const error = page.locator(".notes").getByTestId("form-error");
  await note.fill("Written on a train");
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(error).toHaveText(/can't reach the server/);
  await context.setOffline(false);
  await isLive(page);
  await expect(error).toHaveCount(0);
  await expect(note).toHaveValue("Written on a train");
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByTestId("note")).toHaveText(/Written on a train/);
});

test("banners and toasts cover neither each other nor the end of the page", async ({ page, context, visitor, request, complaints }) => {
  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, request);
  const colleague = await (await visitor()).newPage();
  await signIn(colleague, recruiters.second);
  await colleague.goto(page.url());
  await isLive(colleague);
  await move(colleague, "interview");
  const toast = page.getByTestId("toast");
  await expect(toast).toBeVisible();
  await context.setOffline(true);
  const banner = page.getByTestId("offline-banner");
  await expect(banner).toBeVisible();
  const overlap = await page.evaluate(() => {
    const box = (id: string) => document.querySelector(`[data-testid=${id}]`)?.getBoundingClientRect();
    const [banner, toast] = [box("offline-banner"), box("toast")];
    return banner && toast ? Math.max(0, banner.bottom - toast.top) : undefined;
  });
  expect(overlap, "pixels under each other while both are shown").toBe(0);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.getByRole("button", { name: "Add note" }).click({ trial: true });
});
