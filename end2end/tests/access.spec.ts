import { request as http } from "node:http";
import type { APIRequestContext, APIResponse } from "@playwright/test";
import { pdf } from "../harness/files.ts";
import { applyAndFind, findApplication, isReady, move, password, recruiters, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

/** Joins `topic` on the live socket from a page of this site; the server's first answer. */
async function join(page: Page, path: string, topic: string): Promise<string> {
  const ask = ({ path, topic }: { path: string; topic: string }) =>
    new Promise<string>((done, failed) => {
      const socket = new WebSocket(path.replace(/^/, location.origin.replace("http", "ws")));
      socket.onopen = () => socket.send(JSON.stringify({ type: "join", topic, since: 0 }));
      socket.onmessage = ({ data }) => {
        // The first message is the server's hello.
        if (JSON.parse(data).type === "hello") return;
        socket.close();
        done(data);
      };
      socket.onerror = () => failed(new Error("the socket failed"));
    });
  return page.evaluate(ask, { path, topic });
}

/** The HTTP status of a WebSocket handshake, which a browser does not report. */
function handshake(url: string, origin: string): Promise<number> {
  const headers = {
    Origin: origin,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  return new Promise((done, failed) => {
    const sent = http(url, { headers });
    sent.on("response", (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    sent.on("upgrade", (answer, socket) => {
      socket.destroy();
      done(answer.statusCode ?? 0);
    });
    sent.on("error", failed);
    sent.end();
  });
}

test("without a session nothing of an application can be read: no page, file, server function or socket", async ({ page, visitor, request }) => {
  const inside = await (await visitor()).newPage();
  await signIn(inside);
  const path = await applyAndFind(inside, request, await pdf("two-page-two-column.pdf"));
  const posting = new URL(inside.url()).pathname;
  const id = path.split("/").at(-1) ?? "";

  for (const hidden of ["/", path, posting]) {
    const answer = await request.get(hidden, { maxRedirects: 0 });
    expect(answer.status(), hidden).toBe(302);
    expect(answer.headers()["location"]).toContain("/sign-in");
    expect(await answer.text()).not.toContain("Silveira");
  }
  for (const file of ["original", "pages/1.png"]) {
    expect((await request.get(`/documents/${id}/${file}`)).status(), file).toBe(401);
  }
  const calls = ["viewer", "posting_cards", "posting_page", "application_page", "document_pages", "move_application", "request_summary"];
  for (const call of calls) {
    const answer = await request.post(`/api/${call}`, { form: { id, stage: "hired" } });
    expect(answer.ok(), call).toBe(false);
    expect(await answer.text(), call).toContain("sign_in");
  }
  await page.goto("/careers");
  for (const topic of [`application:${id}`, `status:${id}`, `posting:${posting.split("/").at(-1)}`]) {
    expect(JSON.parse(await join(page, "/live", topic))).toEqual({ type: "refused", topic, reason: "forbidden" });
  }
  await inside.goto(path);
  await expect(inside.getByTestId("stage")).toHaveAttribute("data-stage", "applied");
});

test("an applicant's link opens the status of that application and nothing else", async ({ page, request }) => {
  const cv = await pdf("two-page-two-column.pdf");
  const [mine, other] = [await send(request, { cv }), await send(request, { cv })];
  const links = [mine, other].map((answer) => answer.headers()["location"] ?? "");
  expect(links[0]).toMatch(/^\/status\/[0-9a-f]{64}$/);
  expect((await request.get(`/status/${"0".repeat(64)}`)).status()).toBe(404);
  await signIn(page);
  await page.goto("/");
  await page.getByRole("link", { name: "Backend engineer" }).click();
  const rows = page.getByTestId("application-row");
  await expect(rows).toHaveCount(2);
  const ids = await rows
    .locator("a")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href")?.split("/").at(-1)));
  await page.context().clearCookies();
  await page.goto("/careers");
  const socket = `/live?status=${links[0]?.split("/").at(-1)}`;
  const answers = await Promise.all(ids.map((id) => join(page, socket, `status:${id}`)));
  expect(answers.map((answer) => JSON.parse(answer).type).sort()).toEqual(["joined", "refused"]);
  expect(JSON.parse(await join(page, socket, `application:${ids[0]}`)).type).toBe("refused");
});

test("forms, server functions and sockets refuse requests from another site", async ({ request, server }) => {
  const origin = "https://evil.example";
  const form = { email: recruiters.demo, password };
  const answer = await request.post("/sign-in", { form, headers: { origin }, maxRedirects: 0 });
  expect(answer.status()).toBe(403);
  expect(answer.headers()["set-cookie"]).toBeUndefined();
  expect((await request.post("/api/request_summary", { form: { id: "x" }, headers: { origin } })).status()).toBe(403);
  expect((await request.post("/careers/backend-engineer/apply", { multipart: { name: "x" }, headers: { origin } })).status()).toBe(403);
  expect(await handshake(`${server.url}/live`, origin)).toBe(403);
  expect(await handshake(`${server.url}/live`, server.url)).toBe(101);
});

test("a wrong password is refused, and the sixth attempt is throttled", async ({ page, request, complaints }) => {
  complaints.allow(/status of (401|429)/);
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(recruiters.demo);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByTestId("form-error")).toContainText("Wrong e-mail address or password.");
  await expect(page.getByLabel("E-mail")).toHaveValue(recruiters.demo);
  await expect(page.getByLabel("Password")).toHaveValue("");

  const again = (word: string) =>
    request.post("/sign-in", { form: { email: recruiters.demo, password: word }, maxRedirects: 0 });
  for (let n = 2; n <= 5; n++) expect((await again("wrong")).status()).toBe(401);
  const throttled = await again(password);
  expect(throttled.status()).toBe(429);
  expect(await throttled.text()).toMatch(/minutes/);
});

test("signing out stops all open pages of the session", async ({ page, visitor, request, context }) => {
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  await page.goto(path);
  await isReady(page);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  const other = await context.newPage();
  await other.goto("/");
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(other).toHaveURL(/sign-in/);
  await expect(page.getByTestId("closed-banner")).toHaveText(/You've been signed out/);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "closed");

  const colleague = await (await visitor()).newPage();
  await signIn(colleague, recruiters.second);
  await colleague.goto(await findApplication(colleague));
  await move(colleague, "interview");
  await expect(colleague.getByTestId("stage")).toHaveAttribute("data-stage", "interview");
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "applied");
  await page.getByRole("link", { name: "Sign in again" }).click();
  await expect(page).toHaveURL(/sign-in/);
});

/** Signs in as a form on a page of `origin` would. */
async function signInFrom(request: APIRequestContext, origin: string): Promise<APIResponse> {
  const form = { email: recruiters.demo, password };
  return request.post("/sign-in", { form, headers: { origin }, maxRedirects: 0 });
}

test("over http the session cookie is not Secure, and there is no Strict-Transport-Security header", async ({ request, server }) => {
  const answer = await signInFrom(request, server.url);
  expect(answer.status()).toBe(303);
  expect(answer.headers()["set-cookie"]).toMatch(/^verbatim=[^;]+;/);
  expect(answer.headers()["set-cookie"]).not.toMatch(/; Secure/);
  expect(answer.headers()["strict-transport-security"]).toBeUndefined();
});

test.describe("behind https", () => {
  const publicUrl = "https://jobs.example.org";
  test.use({ serverOptions: { publicUrl } });

  test("the session cookie has the __Host- prefix and is Secure, and Strict-Transport-Security is set", async ({ request }) => {
    const answer = await signInFrom(request, publicUrl);
    expect(answer.status()).toBe(303);
    const cookie = answer.headers()["set-cookie"] ?? "";
    expect(cookie).toMatch(/^__Host-verbatim=[^;]+; Path=\/; HttpOnly; SameSite=Lax; /);
    expect(cookie).toMatch(/; Secure$/);
    expect(cookie).not.toMatch(/Domain/i);
    expect(answer.headers()["strict-transport-security"]).toMatch(/^max-age=\d{8}/);

    // Only the prefixed name is accepted.
    const pair = cookie.split(";")[0] ?? "";
    const status = async (cookie: string) => (await request.get("/", { headers: { cookie }, maxRedirects: 0 })).status();
    expect(await status(pair)).toBe(200);
    expect(await status(pair.replace("__Host-", ""))).toBe(302);
  });

  test("a request from the address behind the proxy counts as another site", async ({ request, server }) => {
    const answer = await signInFrom(request, server.url);
    expect(answer.status()).toBe(403);
    expect(answer.headers()["set-cookie"]).toBeUndefined();
  });
});
