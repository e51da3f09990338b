import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pdf } from "../harness/files.ts";
import { findApplication, isReady, openPosting, password, recruiters, send, signIn } from "../harness/people.ts";
import { type Locator, type Page, expect, test } from "../harness/test.ts";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

declare global {
  interface Window {
    axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
  }
}

/** The violations that axe finds, contrast included. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run());
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

const screens = [
  { width: 360, height: 800 },
  { width: 1440, height: 900 },
];

for (const viewport of screens) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`every page fits ${viewport.width} px and is accessible, ${colorScheme}`, async ({ visitor, request, complaints }, info) => {
      complaints.allow(/status of 404/);
      const answers = [
        await send(request, { cv: await pdf("two-page-two-column.pdf") }),
        await send(request, { slug: "data-analyst", cv: await pdf("pictures.pdf") }),
      ];
      const context = await visitor({ viewport, colorScheme, isMobile: viewport.width < 500, reducedMotion: "reduce" });
      const page = await context.newPage();

      const look = async (name: string) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(wide, `${name} is wider than the screen by`).toBe(0);
        expect(await page.evaluate(() => window.visualViewport?.width), `${name} is zoomed out`).toBe(viewport.width);
        expect(await violations(page), name).toEqual([]);
        await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
      };

      for (const [name, path] of [
        ["careers", "/careers"],
        ["posting", "/careers/backend-engineer"],
        ["closed posting", "/careers/office-manager"],
        ["status", answers[0]?.headers()["location"] ?? ""],
        ["sign-in", "/sign-in"],
        ["not found", "/careers/nothing"],
      ] as const) {
        await page.goto(path);
        await look(name);
      }
      await signIn(page);
      await look("postings");
      await openPosting(page);
      await look("applications");
      await page.goto(await findApplication(page));
      await isReady(page);
      await page.locator('[data-testid="summary-line"] button').nth(1).click();
      await look("application");
      await openPosting(page, "Data analyst");
      await page.getByTestId("application-row").locator("a").click();
      await expect(page.getByTestId("summary")).toHaveAttribute("data-state", "unreadable");
      await look("unreadable");
      await openPosting(page, "Office manager");
      await look("no applications");
      await page.goto("/admin/jobs");
      await expect(page.getByTestId("job").first()).toHaveAttribute("data-state", "completed");
      await look("jobs");
      await page.getByTestId("job").first().locator("a").click();
      await expect(page.getByTestId("job-state")).toHaveText("Completed");
      await look("job");
    });
  }
}

/** Presses Tab until `wanted` has the focus; its outline must be visible. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press("Tab");
    const [is, outline] = await wanted.evaluate((element) => [
      element === document.activeElement,
      getComputedStyle(element).outlineStyle,
    ]);
    if (is) {
      expect(outline, "the focus is visible").not.toBe("none");
      return;
    }
  }
  throw new Error(`no Tab leads to ${wanted}`);
}

test("signing in and moving an application need only the keyboard", async ({ page, request }) => {
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await page.goto("/");
  await expect(page).toHaveURL(/sign-in/);
  await tabTo(page, page.getByRole("link", { name: "Skip to content" }));
  await tabTo(page, page.getByLabel("E-mail"));
  await page.keyboard.type(recruiters.demo);
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Postings" })).toBeVisible();
  await tabTo(page, page.locator('a[href^="/postings/"]', { hasText: "Backend engineer" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByTestId("application-row").locator("a"));
  await page.keyboard.press("Enter");
  await isReady(page);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");

  await tabTo(page, page.getByLabel("Stage"));
  await page.keyboard.press("ArrowDown");
  await tabTo(page, page.getByRole("button", { name: "Move", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "review");
  const line = page.locator('[data-testid="summary-line"][data-kind="current-role"]').getByRole("button");
  await tabTo(page, line);
  await page.keyboard.press("Space");
  await expect(line).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByTestId("evidence-highlight").first()).toBeVisible();
});
