import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type FormFile, docxBomb, pdf, pdfWithoutPages, pngNamedPdf, programNamedDocx, textFile } from "../harness/files.ts";
import { type Sent, openPosting, send, signIn } from "../harness/people.ts";
import { expect, test } from "../harness/test.ts";

interface Case {
  what: string;
  status: number;
  says: RegExp;
  sent?: Omit<Sent, "cv">;
  cv?: () => FormFile | Promise<FormFile>;
}

const plain = () => textFile("cv.txt", "Marta Silveira\nBackend engineer\n");

const cases: Case[] = [
  { what: "an empty file", status: 422, says: /empty/, cv: () => textFile("cv.pdf", "") },
  { what: "a PDF without pages", status: 422, says: /no pages/, cv: pdfWithoutPages },
  { what: "an encrypted PDF", status: 422, says: /password/, cv: () => pdf("encrypted.pdf") },
  { what: "a truncated PDF", status: 422, says: /damaged|incomplete/, cv: () => pdf("truncated.pdf") },
  { what: "a picture named .pdf", status: 422, says: /PNG/, cv: pngNamedPdf },
  { what: "a program named .docx", status: 422, says: /program/i, cv: programNamedDocx },
  { what: "a DOCX that unpacks to 5 GB", status: 422, says: /expands to more/, cv: () => docxBomb(5e9) },
  { what: "a PDF with a loop of pages", status: 422, says: /no pages/, cv: () => pdf("page-tree-loop.pdf") },
  { what: "a file over 20 MiB", status: 413, says: /20 MB/, cv: () => textFile("cv.txt", Buffer.alloc(20 * 2 ** 20 + 1, "a ")) },
  { what: "a file far over the limit", status: 413, says: /20 MB/, cv: () => textFile("cv.txt", Buffer.alloc(100 * 2 ** 20, "a ")) },
  { what: "a form without a file", status: 422, says: /choose/ },
  { what: "a name of 10,000 characters", status: 422, says: /name/i, sent: { name: "n".repeat(10_000) }, cv: plain },
  { what: "a closed posting", status: 409, says: /no longer taking applications/, sent: { slug: "office-manager" }, cv: plain },
];

/** The files of uploads on the server, staged and kept. */
async function held(data: string): Promise<string[]> {
  const folders = ["staged", "kept"].map((folder) => readdir(join(data, "blobs", folder)));
  return (await Promise.all(folders)).flat();
}

test.use({ javaScriptEnabled: false });

for (const { what, status, says, sent, cv } of cases) {
  test(`${what} is refused with a message, and nothing is kept`, async ({ page, request, server }) => {
    const form: Sent = { ...sent };
    if (cv) form.cv = await cv();
    const answer = await send(request, form);
    expect(answer.status()).toBe(status);
    await page.setContent(await answer.text());
    await expect(page.getByTestId(status === 409 ? "closed-posting" : "form-error").first()).toHaveText(says);
    // The server removes a refused upload when its request ends, which may be after the answer.
    await expect.poll(() => held(server.data)).toEqual([]);
    if (status !== 409) await expect(page.locator('input[name="email"]')).toHaveValue("marta@example.org");

    await signIn(page);
    await openPosting(page, sent?.slug === "office-manager" ? "Office manager" : "Backend engineer");
    await expect(page.getByText("No applications yet")).toBeVisible();
    await expect(page.getByTestId("application-row")).toHaveCount(0);
  });
}

test("an unknown posting accepts no application", async ({ request }) => {
  expect((await send(request, { slug: "nobody", cv: plain() })).status()).toBe(404);
});

test("an accepted upload is kept", async ({ request, server }) => {
  expect((await send(request, { cv: plain() })).status()).toBe(303);
  expect(await held(server.data)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});
