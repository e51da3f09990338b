import { pdf } from "../harness/files.ts";
import { applyAndFind, findApplication, isReady, lines, move, readAgain, recruiters, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

const role = (page: Page) => page.locator('[data-testid="summary-line"][data-kind="current-role"]');

test("a selected line highlights its passage in the page image and in the text", async ({ page, request }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page);
  await page.goto(await applyAndFind(page, request, await pdf("two-page-two-column.pdf")));
  await isReady(page);
  await expect(page.getByTestId("evidence-highlight")).toHaveCount(0);

  await role(page).getByRole("button").click();
  await expect(role(page).getByRole("button")).toHaveAttribute("aria-pressed", "true");
  const first = page.locator('[data-testid="document-page"][data-page="1"]');
  const lit = first.getByTestId("evidence-highlight");
  await expect(lit.first()).toBeInViewport();
  const picture = first.getByRole("img", { name: "Page 1 of the CV" });
  expect(await picture.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth))).toBeGreaterThan(800);
  const [around, box] = [await picture.boundingBox(), await lit.first().boundingBox()];
  expect(around && box && box.x > around.x && box.y > around.y && box.x + box.width < around.x + around.width).toBe(true);

  const quotes = await role(page).locator("blockquote").allTextContents();
  await page.getByRole("button", { name: "As text" }).click();
  const marked = await page.locator("mark").allTextContents();
  expect(quotes.map((quote) => quote.replace(/\s*page \d+$/, ""))).toEqual(marked);

  // A line about page 2 scrolls page 2 into view.
  await page.getByRole("button", { name: "As text" }).click();
  await page.locator('[data-kind="education"][data-testid="summary-line"]').getByRole("button").click();
  await expect(page.locator('[data-page="2"] [data-testid="evidence-highlight"]').first()).toBeInViewport();
  await expect(lit).toHaveCount(0);
});

test("a move appears live for a colleague, on the board and on the status page", async ({ page, visitor, request }) => {
  const applicant = await (await visitor()).newPage();
  const colleague = await (await visitor()).newPage();
  const list = await (await visitor()).newPage();
  const answer = await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await applicant.goto(answer.headers()["location"] ?? "");
  await signIn(page);
  await signIn(colleague, recruiters.second);
  await signIn(list, recruiters.second);
  const path = await findApplication(list);
  await Promise.all([page.goto(path), colleague.goto(path)]);
  for (const open of [applicant, colleague, list]) {
    await expect(open.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  }

  await move(page, "interview");
  await expect(colleague.getByTestId("stage")).toHaveAttribute("data-stage", "interview");
  await expect(list.getByTestId("application-row")).toContainText("Interview");
  await expect(applicant.getByTestId("status")).toHaveAttribute("data-stage", "interview");
  await expect(applicant.getByTestId("status")).toContainText("would like to talk to you");
});

test("reading a CV again gives the same lines", async ({ page, request }) => {
  await signIn(page);
  await page.goto(await applyAndFind(page, request, await pdf("two-page-two-column.pdf")));
  await isReady(page);
  const before = await lines(page);
  await readAgain(page);
  expect(await lines(page)).toEqual(before);
});

/** Records the lines that begin to fade in, in the order in which they do. */
async function watchArrivals(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Element[] = [];
    Object.assign(window, { seen });
    document.addEventListener("animationstart", (event) => {
      if (event.target instanceof Element && event.target.matches(".arrives")) seen.push(event.target);
    });
  });
}

/** The recorded lines: the index of each, counted from the top, and its animation delay in milliseconds. */
async function arrivals(page: Page): Promise<{ places: number[]; waits: number[] }> {
  return page.evaluate(() => {
    const lines = [...document.querySelectorAll<HTMLElement>('[data-testid="summary-line"]')];
    const { seen } = window as unknown as { seen: HTMLElement[] };
    return {
      places: seen.map((line) => lines.indexOf(line)),
      waits: seen.map((line) => parseFloat(line.style.animationDelay)),
    };
  });
}

test.describe("while a summary is written slowly", () => {
  test.use({ serverOptions: { lineDelay: 300 } });

  test("lines that arrive together fade in one after the other, and not again after a reload", async ({ page, context, visitor, request, complaints }) => {
    complaints.allow(/ERR_INTERNET_DISCONNECTED/);
    const list = await (await visitor()).newPage();
    await signIn(page);
    await signIn(list, recruiters.second);
    await page.goto(await applyAndFind(list, request, await pdf("two-page-two-column.pdf")));
    await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
    // Offline, the page misses most lines; when it is back, they arrive all at once.
    await context.setOffline(true);
    await expect(page.getByTestId("offline-banner")).toBeVisible();
    const shown = await page.getByTestId("summary-line").count();
    await expect(list.getByTestId("application-row")).toHaveAttribute("data-state", "ready");
    await expect(page.getByTestId("summary-line")).toHaveCount(shown);
    await watchArrivals(page);
    await context.setOffline(false);
    await isReady(page);

    const all = await page.getByTestId("summary-line").count();
    expect(all - shown).toBeGreaterThanOrEqual(8);
    const late = Array.from({ length: all - shown }, (_, n) => shown + n);
    // They appear in order, and not all in the same frame.
    await expect.poll(async () => (await arrivals(page)).places).toEqual(late);
    const { waits } = await arrivals(page);
    expect(waits.filter((wait) => wait > 0).length).toBeGreaterThanOrEqual(late.length / 2);
    await page.reload();
    await isReady(page);
    await expect(page.getByTestId("summary-line")).toHaveCount(all);
    await expect(page.locator(".arrives")).toHaveCount(0);
  });
});

test("an offline page says so, and catches up when it is back online", async ({ page, context, visitor, request, complaints }) => {
  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  await page.goto(path);
  await isReady(page);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  await context.setOffline(true);
  await expect(page.getByTestId("offline-banner")).toBeVisible();
  const colleague = await (await visitor()).newPage();
  await signIn(colleague, recruiters.second);
  await colleague.goto(path);
  await move(colleague, "offer");
  await expect(colleague.getByTestId("stage")).toHaveAttribute("data-stage", "offer");
  await context.setOffline(false);
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "offer");
  await expect(page.getByTestId("offline-banner")).toBeHidden();
});
