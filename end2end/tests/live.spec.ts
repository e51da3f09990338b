import { fixture, pdf } from "../harness/files.ts";
import { applyAndFind, findApplication, isReady, lines, openPosting, recruiters, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

declare global {
  interface Window {
    /** Every number of lines that the page showed. */
    counts: number[];
  }
}

/** Records each number of lines that a page shows; a reload would lose the record. */
async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const count = () => document.querySelectorAll("[data-testid=summary-line]").length;
    window.counts = [count()];
    new MutationObserver(() => {
      if (window.counts.at(-1) !== count()) window.counts.push(count());
    }).observe(document.body, { childList: true, subtree: true });
  });
}

async function atLeast(page: Page, count: number): Promise<void> {
  await expect.poll(() => page.getByTestId("summary-line").count()).toBeGreaterThanOrEqual(count);
}

test.use({ serverOptions: { lineDelay: 150 } });

test("a dropped CV becomes the same summary, line by line, for two recruiters and without scripts", async ({ visitor }) => {
  const [first, second, applicant] = await Promise.all([visitor(), visitor(), visitor()]);
  const [a, b, form] = await Promise.all([first.newPage(), second.newPage(), applicant.newPage()]);
  await signIn(a);
  await signIn(b, recruiters.second);
  await openPosting(a);
  await expect(a.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  await expect(a.getByTestId("application-row")).toHaveCount(0);

  await form.goto("/careers/backend-engineer");
  await form.locator('input[name="name"]').fill("Marta Silveira");
  await form.locator('input[name="email"]').fill("marta@example.org");
  await form.locator('input[name="cv"]').setInputFiles(fixture("two-page-two-column.pdf"));
  await form.getByRole("button", { name: "Send application" }).click();
  await expect(form.getByTestId("status")).toBeVisible();

  // The list shows it without a reload.
  await expect(a.getByTestId("application-row")).toHaveCount(1);
  const href = (await a.getByTestId("application-row").locator("a").getAttribute("href")) ?? "";
  await a.goto(href);
  await record(a);
  await atLeast(a, 3);
  await b.goto(href);
  await Promise.all([isReady(a), isReady(b)]);

  const written = await lines(a);
  expect(written.length).toBeGreaterThanOrEqual(12);
  expect(await lines(b)).toEqual(written);
  const counts = await a.evaluate(() => window.counts);
  expect(counts.length).toBeGreaterThan(5);
  expect(counts).toEqual([...counts].sort((x, y) => x - y));
  await expect(form.getByTestId("status")).toHaveAttribute("data-reading", "done");

  const still = await visitor({ javaScriptEnabled: false, storageState: await first.storageState() });
  const plain = await still.newPage();
  await plain.goto(href);
  await expect(plain.getByTestId("summary")).toHaveAttribute("data-state", "ready");
  expect(await lines(plain)).toEqual(written);
});

test("a server killed in the middle loses no line and writes none twice", async ({ visitor, server, request, complaints }) => {
  complaints.allow(/net::ERR_|WebSocket connection/);
  const context = await visitor();
  const [page, finder] = await Promise.all([context.newPage(), context.newPage()]);
  await signIn(page);
  await page.goto(await applyAndFind(finder, request, await pdf("two-page-two-column.pdf")));
  await record(page);
  await atLeast(page, 3);
  await server.kill();
  await expect(page.getByTestId("connection")).not.toHaveAttribute("data-connection", "online");
  await expect(page.getByTestId("summary")).not.toHaveAttribute("data-state", "ready");
  await expect(page.getByTestId("offline-banner")).toBeVisible();
  await server.restart();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online", { timeout: 30_000 });
  await isReady(page);

  const written = await lines(page);
  expect(new Set(written).size).toBe(written.length);
  expect(await page.evaluate(() => window.counts.length)).toBeGreaterThan(3);
  const still = await visitor({ javaScriptEnabled: false, storageState: await context.storageState() });
  const plain = await still.newPage();
  await plain.goto(await findApplication(plain));
  await expect(plain.getByTestId("summary")).toHaveAttribute("data-state", "ready");
  expect(await lines(plain)).toEqual(written);
});
