import { pdf } from "../harness/files.ts";
import { applyAndFind, isReady, move, recruiters, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

/** Keeps the module from a page until the returned function is called, as a slow line does. */
async function holdModule(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  await page.route("**/pkg/verbatim.wasm", async (route) => {
    await released;
    // A page that was left meanwhile waits for nothing.
    await route.continue().catch(() => undefined);
  });
  return release;
}

const isLive = (page: Page) => expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");

test("a page says that it is live only when it is", async ({ page, visitor, request }) => {
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  const release = await holdModule(page);
  await page.goto(path, { waitUntil: "domcontentloaded" });
  await expect(page.getByTestId("connection")).toHaveText("Connecting");
  release();
  await isLive(page);
  await expect(page.getByTestId("connection")).toHaveText("Live");

  const still = await visitor({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await still.newPage();
  await plain.goto(path);
  await expect(plain.getByTestId("summary")).toBeVisible();
  await expect(plain.getByTestId("connection")).toBeHidden();
  const answer = await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await plain.goto(answer.headers()["location"] ?? "");
  await expect(plain.getByText("Reload this page to see what has changed.")).toBeVisible();
});

test("Back before a page has started leads to the page before", async ({ page, request }) => {
  await signIn(page);
  await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  await isLive(page);
  const board = page.url();
  await page.getByTestId("application-row").locator("a").click();
  await isReady(page);
  const release = await holdModule(page);
  await page.reload({ waitUntil: "domcontentloaded" });
  await page.goBack({ waitUntil: "commit" });
  await expect(page.getByTestId("application-list")).toBeVisible();
  await expect(page).toHaveURL(board);
  release();
  await isLive(page);
  await expect(page.getByTestId("application-row")).toHaveCount(1);
  await expect(page.getByTestId("failure-banner")).toBeHidden();
  await expect(page.getByTestId("update-offer")).toBeHidden();
});

test("a page that cannot start says so, and does not call itself live or out of date", async ({ page, request }) => {
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  await page.route("**/pkg/verbatim.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "no module" }));
  await page.goto(path);
  await expect(page.getByTestId("failure-banner")).toBeVisible();
  await expect(page.getByTestId("connection")).toBeHidden();
  await expect(page.getByTestId("update-offer")).toBeHidden();
  await page.unroute("**/pkg/verbatim.wasm");
  await page.getByTestId("failure-banner").getByRole("link", { name: "Reload" }).click();
  await isLive(page);
  await expect(page.getByTestId("failure-banner")).toBeHidden();
});

test("a selected stage outlasts the start of the page and a colleague's move", async ({ page, visitor, request }) => {
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  const release = await holdModule(page);
  await page.goto(path, { waitUntil: "domcontentloaded" });
  const select = page.getByLabel("Stage");
  await select.selectOption("interview");
  release();
  await isLive(page);
  await expect(page.getByTestId("current-stage")).toHaveText("Currently: Applied");
  await expect(select).toHaveValue("interview");

  const colleague = await (await visitor()).newPage();
  await signIn(colleague, recruiters.second);
  await colleague.goto(path);
  await isLive(colleague);
  await move(colleague, "offer");
  await expect(page.getByTestId("current-stage")).toHaveText("Currently: Offer");
  await expect(select).toHaveValue("interview");
  await page.getByRole("button", { name: "Move", exact: true }).click();
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "interview");
  await expect(page.getByTestId("current-stage")).toHaveCount(0);
  // Whoever has selected nothing follows the stage.
  await expect(colleague.getByLabel("Stage")).toHaveValue("interview");
});
