import type { APIRequestContext, APIResponse, Page } from "@playwright/test";
import type { FormFile } from "./files.ts";
import { expect } from "./test.ts";

export const password = "verbatim-demo";
export const recruiters = { demo: "demo@verbatim.local", second: "second@verbatim.local" };

/** Signs in through the form and waits for the next page. */
export async function signIn(page: Page, email = recruiters.demo, next = "/"): Promise<void> {
  await page.goto(`/sign-in?next=${next}`);
  await page.locator('input[name="email"]').fill(email);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('form[action="/sign-in"] button').click();
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Opens the board of the posting with that title. */
export async function openPosting(page: Page, title = "Backend engineer"): Promise<void> {
  await page.goto("/");
  const href = await page.locator('a[href^="/postings/"]', { hasText: title }).getAttribute("href");
  await page.goto(href ?? "");
}

/** The fields of an application; each may be left out. */
export interface Sent {
  slug?: string;
  name?: string;
  email?: string;
  cv?: FormFile;
}

/** Sends an application as one multipart POST without following the redirect. */
export async function send(request: APIRequestContext, sent: Sent): Promise<APIResponse> {
  const { slug = "backend-engineer", name = "Marta Silveira", email = "marta@example.org", cv } = sent;
  const multipart: Record<string, string | FormFile> = { name, email };
  if (cv) multipart["cv"] = cv;
  return request.post(`/careers/${slug}/apply`, { multipart, maxRedirects: 0 });
}

/** Applies; the path of the only application's page for recruiters. */
export async function applyAndFind(page: Page, request: APIRequestContext, cv: FormFile): Promise<string> {
  const answer = await send(request, { cv });
  expect(answer.status(), await answer.text()).toBe(303);
  return findApplication(page);
}

/** The path of the only application to the posting "Backend engineer". */
export async function findApplication(page: Page): Promise<string> {
  await openPosting(page);
  const link = page.getByTestId("application-row").locator("a");
  await expect(link).toHaveCount(1);
  return (await link.getAttribute("href")) ?? "";
}

/** Moves the application that is open in `page`. */
export async function move(page: Page, stage: string): Promise<void> {
  await page.getByLabel("Stage").selectOption(stage);
  await page.getByRole("button", { name: "Move", exact: true }).click();
}

/** The summary lines as `kind | page | text`. */
export async function lines(page: Page): Promise<string[]> {
  return page.getByTestId("summary-line").evaluateAll((items) =>
    items.map((item) => {
      const words = item.querySelector(".line-text span[dir], p.line-text") ?? item;
      return [item.getAttribute("data-kind"), item.getAttribute("data-page"), words.textContent?.trim()].join(" | ");
    }),
  );
}

export async function isReady(page: Page): Promise<void> {
  await expect(page.getByTestId("summary")).toHaveAttribute("data-state", "ready", { timeout: 40_000 });
}

/** The sequence number of the last event in the summary. */
export async function seq(page: Page): Promise<number> {
  return Number(await page.getByTestId("summary").getAttribute("data-seq"));
}

/** Requests a new summary and waits until it is ready. */
export async function readAgain(page: Page): Promise<void> {
  const [before, count] = [await seq(page), await page.getByTestId("summary-line").count()];
  await page.getByRole("button", { name: "Read again" }).click();
  await expect.poll(() => seq(page)).toBeGreaterThan(before + count);
  await isReady(page);
}
