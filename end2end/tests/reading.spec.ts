import { pdf, textFile } from "../harness/files.ts";
import { applyAndFind, isReady, signIn } from "../harness/people.ts";
import { expect, test } from "../harness/test.ts";

test("a scan without text is said to be unreadable, page by page, and nothing is made up", async ({ page, request }) => {
  await signIn(page);
  await page.goto(await applyAndFind(page, request, await pdf("scan.pdf")));
  await expect(page.getByTestId("summary")).toHaveAttribute("data-state", "unreadable");
  await expect(page.getByTestId("unread-page").first()).toContainText(/Page 1 cannot be read.*picture.*ask for/s);
  await expect(page.getByTestId("summary-line")).toHaveCount(0);
});

const hostile = "<script>alert('x')</script> {{7*7}} '; DROP TABLE applications; --";
const arabic = "مهندسة برمجيات";
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

for (const file of files) {
  test(`scripts, templates, SQL and Arabic in ${file.name} appear as text`, async ({ page, request }) => {
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await signIn(page);
    await page.goto(await applyAndFind(page, request, file));
    await isReady(page);
    const text = page.getByTestId("document-page").first();
    for (const part of ["<script>alert('x')</script>", "{{7*7}}", "DROP TABLE applications", arabic]) {
      await expect(text).toContainText(part);
    }
    await expect(page.locator("main script")).toHaveCount(0);
    expect(dialogs).toEqual([]);
  });
}
