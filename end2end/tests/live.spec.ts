import { fixture, pdf } from "../harness/files.ts";
import { findApplication, isReady, lines, openPosting, readAgain, recruiters, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

declare global {
  interface Window {
    /** Every number of lines that the page has shown. */
    counts: number[];
  }
}

/** Records each number of lines that the page shows, until it is reloaded. */
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

/** The recorded numbers of lines. */
async function counts(page: Page): Promise<number[]> {
  return page.evaluate(() => window.counts);
}

/** Requires more than `steps` different numbers of lines, in ascending order. */
function expectGrowth(counts: number[], steps: number): void {
  expect(counts.length).toBeGreaterThan(steps);
  expect(counts).toEqual([...counts].sort((x, y) => x - y));
}

/** The WebSockets that a page opens, and every frame that it sends. */
interface Wire {
  sockets: string[];
  sent: string[];
}

function listen(page: Page): Wire {
  const wire: Wire = { sockets: [], sent: [] };
  page.on("websocket", (socket) => {
    wire.sockets.push(new URL(socket.url()).pathname);
    socket.on("framesent", ({ payload }) => wire.sent.push(payload.toString()));
  });
  return wire;
}

interface Frame {
  type: string;
  topic?: string;
  since?: number;
}

/** The first join of `topic`. */
async function firstJoin(wire: Wire, topic: string): Promise<Frame | undefined> {
  const joins = () => wire.sent.map((frame): Frame => JSON.parse(frame)).filter((frame) => frame.type === "join");
  const join = () => joins().find((frame) => frame.topic === topic);
  await expect.poll(join, `a join of ${topic}`).toBeDefined();
  return join();
}

/** The sequence number in the server's HTML. */
function seqOf(html: string): number {
  return Number(/data-testid="summary"[^>]* data-seq="(\d+)"/.exec(html)?.[1]);
}

/** Opens an application while its summary is being written; the HTML that the server sent. */
async function openHalfWay(page: Page, href: string): Promise<string> {
  const answer = await page.goto(href);
  await record(page);
  return (await answer?.text()) ?? "";
}

// Slow enough to open a page in the middle of a summary.
test.use({ serverOptions: { lineDelay: 300 } });

test("two recruiters see a summary grow line by line, and see the same one as without scripts", async ({ visitor }) => {
  const [first, second, applicant] = await Promise.all([visitor(), visitor(), visitor()]);
  const [a, b, form] = await Promise.all([first.newPage(), second.newPage(), applicant.newPage()]);
  await signIn(a);
  await signIn(b, recruiters.second);
  const [ofA, ofB] = [listen(a), listen(b)];
  await openPosting(a);
  await expect(a.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  await expect(a.getByTestId("application-row")).toHaveCount(0);
  const sockets = ofA.sockets.length;

  await form.goto("/careers/backend-engineer");
  await form.locator('input[name="name"]').fill("Marta Silveira");
  await form.locator('input[name="email"]').fill("marta@example.org");
  await form.locator('input[name="cv"]').setInputFiles(fixture("two-page-two-column.pdf"));
  await form.getByRole("button", { name: "Send application" }).click();
  await expect(form.getByTestId("status")).toBeVisible();

  // The board shows it without a reload.
  await expect(a.getByTestId("application-row")).toHaveCount(1);
  const link = a.getByTestId("application-row").locator("a");
  const href = (await link.getAttribute("href")) ?? "";
  await link.click();
  await expect(a.getByTestId("summary")).toBeVisible();
  await record(a);
  await atLeast(a, 3);
  await expect(a.getByTestId("summary")).not.toHaveAttribute("data-state", "ready");
  const html = await openHalfWay(b, href);
  await Promise.all([isReady(a), isReady(b)]);

  const written = await lines(a);
  expect(written.length).toBeGreaterThanOrEqual(12);
  expect(await lines(b)).toEqual(written);
  expectGrowth(await counts(a), 5);
  const late = await counts(b);
  expectGrowth(late, 2);
  expect(late[0]).toBeGreaterThan(0);
  expect(late[0]).toBeLessThan(written.length);

  // The tab kept its socket when it navigated; the late page joined at the sequence number of its HTML.
  expect(new Set(ofA.sockets)).toEqual(new Set(["/live"]));
  expect(ofA.sockets).toHaveLength(sockets);
  const join = await firstJoin(ofB, `application:${href.split("/").at(-1)}`);
  expect(join?.since).toBe(seqOf(html));
  expect(join?.since).toBeGreaterThan(1);
  await expect(form.getByTestId("status")).toHaveAttribute("data-reading", "done");

  const still = await visitor({ javaScriptEnabled: false, storageState: await first.storageState() });
  const plain = await still.newPage();
  await plain.goto(href);
  await expect(plain.getByTestId("summary")).toHaveAttribute("data-state", "ready");
  expect(await lines(plain)).toEqual(written);
});

test("killing the server in the middle of a summary loses and repeats no line", async ({ visitor, server, request, complaints }) => {
  complaints.allow(/net::ERR_|WebSocket connection/);
  const [first, second] = await Promise.all([visitor(), visitor()]);
  const pages = await Promise.all([first.newPage(), second.newPage()]);
  const [page, colleague] = pages;
  await signIn(page);
  await signIn(colleague, recruiters.second);
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  const path = await findApplication(page);
  await Promise.all(pages.map((page) => openHalfWay(page, path)));
  await Promise.all(pages.map((page) => atLeast(page, 3)));
  await server.kill();
  await Promise.all(pages.map(isCutOff));
  const shown = await Promise.all(pages.map(lines));
  await server.restart();
  await Promise.all(pages.map(isBack));
  await Promise.all(pages.map(isReady));

  const written = await lines(page);
  expect(new Set(written).size).toBe(written.length);
  expect(await lines(colleague)).toEqual(written);
  for (const [n, before] of shown.entries()) {
    expect(before.length).toBeGreaterThan(0);
    expect(written.length).toBeGreaterThan(before.length);
    expect(written.slice(0, before.length)).toEqual(before);
    expectGrowth(await counts(pages[n] ?? page), 3);
  }
  const still = await visitor({ javaScriptEnabled: false, storageState: await first.storageState() });
  const plain = await still.newPage();
  await plain.goto(path);
  await expect(plain.getByTestId("summary")).toHaveAttribute("data-state", "ready");
  expect(await lines(plain)).toEqual(written);

  // An uninterrupted run gives the same lines.
  await readAgain(page);
  expect(await lines(page)).toEqual(written);
});

/** Waits until the page has noticed that the server is gone. */
async function isCutOff(page: Page): Promise<void> {
  await expect(page.getByTestId("connection")).not.toHaveAttribute("data-connection", "online");
  await expect(page.getByTestId("summary")).not.toHaveAttribute("data-state", "ready");
  await expect(page.getByTestId("offline-banner")).toBeVisible();
}

async function isBack(page: Page): Promise<void> {
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online", { timeout: 30_000 });
}
