import { type FormFile, cvFixture, pdf, textFile } from "../harness/files.ts";
import { applyAndFind, findApplication, isReady, lines, openPosting, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

test("a scan is read with OCR, and the summary says so", async ({ page, request }) => {
  await send(request, { cv: await pdf("scan.pdf") });
  await signIn(page);
  await page.goto(await findApplication(page));
  const summary = page.getByTestId("summary");
  // OCR is slow on a busy machine.
  await isReady(page);
  await expect(summary).toContainText("Page 1 is a picture; its text was recognized and may have errors.");
  await expect(page.getByTestId("unread-page")).toHaveCount(0);
});

test("pages without text are listed as unreadable, and there is no summary", async ({ page, request }) => {
  const answer = await send(request, { cv: await pdf("pictures.pdf") });
  await signIn(page);
  await page.goto(await findApplication(page));
  const summary = page.getByTestId("summary");
  // OCR is slow on a busy machine.
  await expect(summary).toHaveAttribute("data-state", "unreadable", { timeout: 40_000 });
  await expect(summary.getByRole("status")).toHaveText("No readable text");
  const unread = page.getByTestId("unread-page");
  await expect(unread).toHaveText([/Page 1 could not be read.*picture.*ask for/s, /Page 2 could not be read.*picture.*ask for/s]);
  await expect(page.getByTestId("summary-line")).toHaveCount(0);
  await expect(page.getByTestId("hidden-text")).toHaveCount(0);
  await openPosting(page);
  const row = page.getByTestId("application-row");
  await expect(row).toContainText("The CV has no readable text");
  await expect(row).toContainText("No readable text");

  await page.goto(answer.headers()["location"] ?? "");
  await expect(page.getByTestId("status")).toHaveAttribute("data-reading", "failed");
  await expect(page.getByTestId("status")).toContainText("We could not read its text, for example because it is a photo.");
});

const hostile = "<script>alert('x')</script> {{7*7}} '; DROP TABLE applications; --";
const arabic = "مهندسة برمجيات";
// It names Rust, so that a line about that must-have quotes it.
const experience = ["Senior Engineer", "Acme Rail, Porto", "March 2020 - Present", `Built ${hostile} in Rust`].join("\n");

const files = [
  textFile("cv.txt", `Lina Haddad\n${arabic}\n\nExperience\n${experience}\n\nLanguages\nArabic (native)\n`),
  textFile("cv.html", html(["Lina Haddad", arabic, "Experience", ...experience.split("\n")]), "text/html"),
];

function html(paragraphs: string[]): string {
  const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const body = paragraphs.map((text) => `<p>${escape(text)}</p>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>CV</title><body>${body}<script>alert("y")</script></body>`;
}

/** The messages of the page's dialogs: an injected script would open one. */
function dialogs(page: Page): string[] {
  const opened: string[] = [];
  page.on("dialog", (dialog) => {
    opened.push(dialog.message());
    void dialog.dismiss();
  });
  return opened;
}

/** Requires every hostile string as text in the document and in a summary line. */
async function showsAsText(page: Page): Promise<void> {
  await isReady(page);
  const text = page.getByTestId("document-page").first();
  for (const part of ["<script>alert('x')</script>", "{{7*7}}", "DROP TABLE applications", arabic]) {
    await expect(text).toContainText(part);
  }
  expect((await lines(page)).filter((line) => line.includes("<script>alert('x')</script>"))).not.toEqual([]);
  await expect(page.locator("main script")).toHaveCount(0);
}

/** Requires that the page is hydrated: hostile text did not end the serialized data early. */
async function isAlive(page: Page): Promise<void> {
  const line = page.getByTestId("summary-line").getByRole("button").first();
  await expect(async () => {
    await line.click();
    await expect(line).toHaveAttribute("aria-pressed", "true", { timeout: 500 });
  }).toPass();
}

for (const file of files) {
  test(`scripts, templates, SQL and Arabic in ${file.name} appear as text, live, reloaded and without scripts`, async ({ page, visitor, request }) => {
    const opened = dialogs(page);
    await signIn(page);
    const path = await applyAndFind(page, request, file);
    await page.goto(path);
    await showsAsText(page);

    // Now the server's HTML holds all of it, as elements and as serialized resources.
    await page.reload();
    await showsAsText(page);
    await isAlive(page);
    expect(opened).toEqual([]);

    const still = await visitor({ javaScriptEnabled: false, storageState: await page.context().storageState() });
    const plain = await still.newPage();
    await plain.goto(path);
    await showsAsText(plain);
  });
}

const hostileName = `<img src=x onerror=alert(1)>"'`;
const hostileFile = "<img src=x onerror=alert(2)>';.txt";

/** Requires a hostile name as text, not as an element. */
async function isNoElement(page: Page, text: string): Promise<void> {
  await expect(page.locator("main")).toContainText(text);
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
}

test("a name and a file name made of HTML appear as text to recruiters and to the applicant", async ({ page, context, request }) => {
  const [board, status] = [await context.newPage(), await context.newPage()];
  const opened = [page, board, status].map(dialogs);
  await signIn(board);
  await openPosting(board);
  await expect(board.getByTestId("connection")).toHaveAttribute("data-connection", "online");
  const answer = await send(request, { name: hostileName, cv: textFile(hostileFile, `Lina Haddad\n\nExperience\n${experience}\n`) });
  expect(answer.status(), await answer.text()).toBe(303);

  // First from an event, then from the server's HTML.
  await isNoElement(board, hostileName);
  await board.reload();
  await isNoElement(board, hostileName);
  await page.goto(await findApplication(board));
  await isReady(page);
  await isNoElement(page, hostileName);
  await expect(page).toHaveTitle(/^<img src=x onerror=alert\(1\)>/);
  await expect(page.getByTitle(hostileFile, { exact: true })).toHaveText("Download original");
  await isAlive(page);
  await status.goto(answer.headers()["location"] ?? "");
  await isNoElement(status, hostileName);
  await isNoElement(status, hostileFile);
  expect(opened.flat()).toEqual([]);
});

/** A PDF with the name and the media type of another format. */
async function disguised(name: string): Promise<FormFile> {
  return { ...(await pdf(name)), name: "cv.docx", mimeType: "application/octet-stream" };
}

const cvs = [
  { what: "a DOCX", cv: () => cvFixture("gen-de1-twocol-table.docx"), format: "DOCX", name: "Katharina Brandt" },
  { what: "an ODT", cv: () => cvFixture("gen-en2.odt"), format: "ODT", name: "Teresa Nguyen" },
  { what: "an RTF", cv: () => cvFixture("gen-nl1.rtf"), format: "RTF", name: "Sanne de Vries" },
  { what: "a PDF named cv.docx, of no type,", cv: () => disguised("two-page-two-column.pdf"), format: "PDF", name: "Marta Silveira" },
];

for (const { what, cv, format, name } of cvs) {
  test(`${what} is recognized by its content and read`, async ({ page, request }) => {
    await signIn(page);
    await page.goto(await applyAndFind(page, request, await cv()));
    await isReady(page);
    await expect(page.locator(".document-head")).toContainText(`${format}, `);
    expect(await lines(page)).toContain(`name | 1 | ${name}`);
  });
}

test("quotes and text of a German CV are marked as German, and the interface is not", async ({ page, request }) => {
  await signIn(page);
  await page.goto(await applyAndFind(page, request, await cvFixture("gen-de1-twocol-table.docx")));
  await isReady(page);
  const highlight = page.locator("[data-testid=summary-line][data-kind=highlight]").first();
  await expect(highlight.locator(".line-text > span").first()).toHaveAttribute("lang", "de");
  await expect(highlight.locator("blockquote").first()).toHaveAttribute("lang", "de");
  await expect(highlight.locator("cite").first()).toHaveAttribute("lang", "en");
  // A line in the interface's words has the interface's language.
  const experience = page.locator("[data-testid=summary-line][data-kind=experience] .line-text > span").first();
  await expect(experience).not.toHaveAttribute("lang");
  const said = page.locator(".page-text [lang]");
  await expect(said.first()).toHaveAttribute("lang", "de");
  expect(new Set(await said.evaluateAll((parts) => parts.map((part) => part.getAttribute("lang"))))).toEqual(new Set(["de"]));
  // The server's HTML says the same.
  const html = await (await page.request.get(page.url())).text();
  expect(html).toContain('<blockquote dir="auto" lang="de">');
});
