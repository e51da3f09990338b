import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pdf } from "../harness/files.ts";
import { findApplication, isReady, lines, openPosting, send, signIn } from "../harness/people.ts";
import { builtSite } from "../harness/server.ts";
import { type Page, expect, test } from "../harness/test.ts";

declare global {
  interface Window {
    /** The number of lines, and how many were removed; lost by a reload. */
    seen: { lines: number; taken: number };
  }
}

/** Counts the lines that the page shows and removes. */
async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const count = () => document.querySelectorAll("[data-testid=summary-line]").length;
    window.seen = { lines: count(), taken: 0 };
    new MutationObserver(() => {
      window.seen.taken += Math.max(0, window.seen.lines - count());
      window.seen.lines = count();
    }).observe(document.body, { childList: true, subtree: true });
  });
}

async function atLeast(page: Page, count: number): Promise<void> {
  await expect.poll(() => page.getByTestId("summary-line").count()).toBeGreaterThanOrEqual(count);
}

/** The built browser files, with a module of another hash that behaves the same. */
async function newerSite(): Promise<string> {
  const site = await mkdtemp(join(tmpdir(), "verbatim-site-"));
  const packed = /verbatim\.wasm\.(br|gz)$/;
  await cp(builtSite, site, { recursive: true, filter: (path) => !packed.test(path) });
  // A custom section, which engines ignore.
  await appendFile(join(site, "pkg/verbatim.wasm"), Buffer.from([0, 6, 5, ...Buffer.from("newer")]));
  return site;
}

async function build(page: Page): Promise<string | null> {
  return page.locator("meta[name=verbatim-build]").getAttribute("content");
}

test.describe("while a summary is written", () => {
  // Slow enough to replace the server twice.
  test.use({ serverOptions: { lineDelay: 500 } });

  test("replacing the server neither reloads an open page nor repeats a line", async ({ page, request, server }) => {
    await signIn(page);
    expect((await send(request, { cv: await pdf("two-page-two-column.pdf") })).status()).toBe(303);
    await page.goto(await findApplication(page));
    await record(page);
    for (const count of [2, 4]) {
      await atLeast(page, count);
      await server.replace();
    }
    await isReady(page);
    await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
    const seen = await page.evaluate(() => window.seen);
    expect(seen.taken, "a line went away").toBe(0);
    const live = await lines(page);
    expect(live.length).toBe(seen.lines);
    await page.reload();
    expect(live, "a line is missing, or stands there twice").toEqual(await lines(page));
  });
});

test("a page of the previous version keeps working, and a reload gives the new version", async ({ page, request, server }) => {
  await signIn(page);
  await openPosting(page);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  const before = await build(page);
  await page.evaluate(() => (window.seen = { lines: 0, taken: 0 }));
  const site = await newerSite();
  await server.replace({ site });
  expect((await send(request, { cv: await pdf("two-page-two-column.pdf") })).status()).toBe(303);
  await expect(page.getByTestId("application-row")).toHaveCount(1);
  expect(await page.evaluate(() => window.seen), "it was reloaded").toBeDefined();
  expect(await build(page)).toBe(before);
  await expect(page.getByTestId("update-offer")).toBeVisible();

  await page.reload();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  expect(await build(page)).not.toBe(before);
  await expect(page.getByTestId("update-offer")).toBeHidden();
  await rm(site, { recursive: true });
});

test("a module of another build is not run, and the page offers a reload", async ({ page }) => {
  await signIn(page);
  await page.route("**/pkg/verbatim.wasm", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "verbatim-build": "another" } });
  });
  await page.goto("/");
  const offer = page.getByTestId("update-offer");
  await expect(offer).toBeVisible();
  await expect(page.getByRole("status").filter({ has: offer })).toHaveAttribute("aria-live", "polite");
  // The server-rendered page works without the module.
  await expect(page.locator('a[href^="/postings/"]').first()).toBeVisible();

  await page.unroute("**/pkg/verbatim.wasm");
  await offer.getByRole("link", { name: "Reload" }).press("Enter");
  await expect(page.getByTestId("update-offer")).toBeHidden();
  await openPosting(page);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
});
