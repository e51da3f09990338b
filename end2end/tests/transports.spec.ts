import { pdf } from "../harness/files.ts";
import { findApplication, isReady, lines, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

test.use({ serverOptions: { lineDelay: 200 } });

/** Behaves like a proxy without support for WebSockets. */
async function withoutSockets(page: Page): Promise<void> {
  await page.routeWebSocket(/\/live/, (socket) => socket.close());
}

/** The addresses that a page requests for a transport. */
function requests(page: Page, name: "stream" | "poll"): string[] {
  const urls: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === `/live/${name}`) urls.push(request.url());
  });
  return urls;
}

test("without WebSockets a summary grows over an event stream", async ({ page, request }) => {
  await withoutSockets(page);
  const streams = requests(page, "stream");
  await signIn(page);
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await page.goto(await findApplication(page));
  await isReady(page);
  expect(streams.length).toBeGreaterThan(0);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  const written = await lines(page);
  expect(new Set(written).size).toBe(written.length);
  await page.reload();
  expect(await lines(page)).toEqual(written);
});

test("without event streams a summary grows by polling", async ({ page, request, complaints }) => {
  complaints.allow(/net::ERR_FAILED/);
  await withoutSockets(page);
  await page.route(/\/live\/stream/, (route) => route.abort());
  const polls = requests(page, "poll");
  await signIn(page);
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await page.goto(await findApplication(page));
  await isReady(page);
  expect(polls.length).toBeGreaterThan(0);
  const written = await lines(page);
  expect(new Set(written).size).toBe(written.length);
  await page.reload();
  expect(await lines(page)).toEqual(written);
});

test("streams and polls check access as sockets do", async ({ request, server }) => {
  const answer = await fetch(`${server.url}/live/poll?t=queue@0&t=application:0190d4a0-0000-7000-8000-000000000000@0`);
  const frames = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line) as { type: string; reason?: string });
  expect(frames.filter(({ type }) => type === "refused").map(({ reason }) => reason)).toEqual(["forbidden", "forbidden"]);
  expect(frames.some(({ type }) => type === "joined" || type === "event")).toBe(false);
  const foreign = await request.get("/live/stream?t=queue@0", { headers: { origin: "https://evil.example" } });
  expect(foreign.status()).toBe(403);
});

test("an open page says that a backup was restored, and a reload shows the restored data", async ({ page, request, server, complaints }) => {
  complaints.allow(/net::ERR_|WebSocket connection/);
  await signIn(page);
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await page.goto(await findApplication(page));
  await isReady(page);
  await server.kill();
  await server.command("db", "after-restore");
  await server.restart();
  await expect(page.getByTestId("closed-banner")).toHaveText(/restored to an earlier state/, { timeout: 30_000 });
  await page.getByTestId("closed-banner").getByRole("link", { name: "Reload" }).click();
  await isReady(page);
  await expect(page.getByTestId("closed-banner")).toHaveCount(0);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
});
