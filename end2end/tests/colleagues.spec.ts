import { pdf } from "../harness/files.ts";
import { applyAndFind, isReady, move, openPosting, recruiters, send, signIn } from "../harness/people.ts";
import { type BrowserContext, type Page, expect, test } from "../harness/test.ts";

/** Two recruiters on the same application. */
async function together(visitor: () => Promise<BrowserContext>, request: Parameters<typeof send>[0]): Promise<[Page, Page, string]> {
  const [first, second] = await Promise.all([visitor(), visitor()]);
  const [robin, sasha] = await Promise.all([first.newPage(), second.newPage()]);
  await signIn(robin);
  await signIn(sasha, recruiters.second);
  const path = await applyAndFind(robin, request, await pdf("two-page-two-column.pdf"));
  await Promise.all([robin.goto(path), sasha.goto(path)]);
  await Promise.all([isReady(robin), isReady(sasha)]);
  return [robin, sasha, path];
}

const others = (page: Page) => page.getByTestId("person");

test("colleagues see each other once on an application, and who is writing a note", async ({ visitor, request }) => {
  const [robin, sasha, path] = await together(visitor, request);
  await expect(others(robin)).toHaveText(/Sasha Demo/);
  await expect(others(sasha)).toHaveText(/Robin Demo/);
  const tab = await sasha.context().newPage();
  await tab.goto(path);
  await expect(others(tab)).toHaveText(/Robin Demo/);
  await expect(others(robin)).toHaveCount(1);
  const summaryTop = async (width: number) => {
    await robin.setViewportSize({ width, height: 800 });
    return (await robin.getByTestId("summary").boundingBox())?.y;
  };
  const together360 = await summaryTop(360);
  const together1440 = await summaryTop(1440);

  await sasha.getByLabel(/New note/).fill("Strong on timetables");
  await expect(others(robin)).toHaveText(/Sasha Demo is writing a note/);
  await sasha.getByRole("button", { name: "Add note" }).click();
  await expect(robin.getByTestId("note")).toHaveText(/Sasha Demo.*Strong on timetables/s);
  await expect(sasha.getByTestId("note")).toHaveCount(1);
  await expect(sasha.getByLabel(/New note/)).toHaveValue("");
  await expect(others(robin)).toHaveAttribute("data-doing", "looking");

  await sasha.close();
  await expect(others(robin)).toHaveCount(1);
  await tab.close();
  await expect(others(robin)).toHaveCount(0);
  expect([await summaryTop(360), await summaryTop(1440)], "who comes and goes moves nothing").toEqual([together360, together1440]);
});

test("a toast reports what a colleague did, not what the user did", async ({ visitor, request }) => {
  const [robin, sasha] = await together(visitor, request);
  await move(sasha, "interview");
  await expect(robin.getByTestId("toast")).toHaveText(/Sasha Demo moved this application to Interview/);
  await expect(robin.getByTestId("stage")).toHaveAttribute("data-stage", "interview");
  await expect(sasha.getByTestId("stage")).toHaveAttribute("data-stage", "interview");
  await expect(sasha.getByTestId("toast")).toHaveCount(0);
  await robin.getByRole("button", { name: "Dismiss" }).click();
  await expect(robin.getByTestId("toast")).toHaveCount(0);

  await openPosting(sasha);
  await send(request, { name: "Ida Example", cv: await pdf("two-page-two-column.pdf") });
  await expect(sasha.getByTestId("toast")).toHaveText(/Ida Example applied/);
});

test("a note can be added without scripts", async ({ visitor, request }) => {
  const [robin, , path] = await together(visitor, request);
  const still = await visitor({ javaScriptEnabled: false, storageState: await robin.context().storageState() });
  const plain = await still.newPage();
  await plain.goto(path);
  await plain.getByLabel(/New note/).fill("<script>alert(1)</script>\nsecond line");
  await plain.getByRole("button", { name: "Add note" }).click();
  await plain.goto(path);
  await expect(plain.getByTestId("note").locator(".text")).toHaveText("<script>alert(1)</script>\nsecond line");
  await expect(robin.getByTestId("note")).toHaveCount(1);
});

test("an open page stops updating when the account is disabled", async ({ visitor, request, server }) => {
  const [robin, sasha] = await together(visitor, request);
  await server.command("users", "disable", recruiters.second);
  await expect(sasha.getByTestId("closed-banner")).toBeVisible({ timeout: 10_000 });
  await expect(robin.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  await expect(others(robin)).toHaveCount(0);
});

test("only the user who requested a summary gets a toast about it, on any page", async ({ visitor, request }) => {
  const [robin, sasha, path] = await together(visitor, request);
  const tab = await robin.context().newPage();
  await tab.goto("/");
  await robin.getByRole("button", { name: "Read again" }).click();
  await expect(tab.getByTestId("toast")).toHaveText(/The summary of Marta Silveira is ready\./);
  await tab.getByTestId("toast").getByRole("link", { name: "Open" }).click();
  await expect(tab).toHaveURL(new RegExp(`${path}$`));
  await isReady(robin);
  await isReady(sasha);
  await expect(robin.getByTestId("toast")).toHaveCount(0);
  await expect(sasha.getByTestId("toast")).toHaveCount(0);
});

test("a toast about a summary that ended offline appears when the page is back online", async ({ visitor, request, complaints }) => {
  complaints.allow(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  const context = await visitor();
  const page = await context.newPage();
  await signIn(page);
  await page.goto(await applyAndFind(page, request, await pdf("two-page-two-column.pdf")));
  await isReady(page);
  const other = await visitor({ storageState: await context.storageState() });
  const away = await other.newPage();
  const joined = away
    .waitForEvent("websocket")
    .then((socket) => socket.waitForEvent("framereceived", (frame) => String(frame.payload).includes('"joined"')));
  await away.goto("/");
  await joined;
  await other.setOffline(true);
  const before = await page.getByTestId("summary").getAttribute("data-seq");
  await page.getByRole("button", { name: "Read again" }).click();
  await expect(page.getByTestId("summary")).not.toHaveAttribute("data-seq", before ?? "");
  await isReady(page);
  await expect(away.getByTestId("toast")).toHaveCount(0);
  await other.setOffline(false);
  await expect(away.getByTestId("toast")).toHaveText(/is ready/, { timeout: 40_000 });
});

test("a new administrator sees the link to background tasks on an open page", async ({ visitor, server }) => {
  const page = await (await visitor()).newPage();
  await signIn(page, recruiters.second);
  const jobs = page.getByRole("link", { name: "Background tasks" });
  await expect(jobs).toHaveCount(0);
  await server.command("users", "role", recruiters.second, "admin");
  await expect(jobs).toBeVisible({ timeout: 10_000 });
  await expect(page.getByTestId("toast")).toHaveText(/You're now an administrator\./);
  await server.command("users", "role", recruiters.second, "recruiter");
  await expect(jobs).toHaveCount(0, { timeout: 10_000 });
});
