import { pdf } from "../harness/files.ts";
import { applyAndFind, isReady, recruiters, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

const choose = (page: Page, language: string) => page.getByRole("button", { name: language, exact: true }).click();

test("a page is in the browser's language until the visitor chooses another, also without scripts", async ({ visitor }) => {
  const context = await visitor({ locale: "de-AT", javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/careers/backend-engineer");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("button", { name: "Bewerbung absenden" })).toBeVisible();
  await choose(page, "Français");
  await expect(page).toHaveURL(/\/careers\/backend-engineer$/);
  await expect(page.locator("html")).toHaveAttribute("lang", "fr");
  await expect(page.getByRole("button", { name: "Envoyer la candidature" })).toBeVisible();
  await page.goto("/careers");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Postes ouverts");
});

test("a refused form answers in the visitor's language", async ({ visitor, complaints }) => {
  complaints.allow(/status of 401/);
  const page = await (await visitor({ locale: "es", javaScriptEnabled: false })).newPage();
  await page.goto("/sign-in");
  await page.getByLabel("Correo electrónico").fill("nobody@example.org");
  await page.getByLabel("Contraseña").fill("wrong");
  await page.getByRole("button", { name: "Iniciar sesión" }).click();
  await expect(page.getByTestId("form-error")).toHaveText("La dirección de correo o la contraseña no son correctas.");
});

test("what a user chose counts on every device, and the live page speaks it", async ({ page, visitor, request }) => {
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  await choose(page, "Deutsch");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");

  const elsewhere = await (await visitor({ locale: "fr" })).newPage();
  await signIn(elsewhere, recruiters.demo, path);
  await expect(elsewhere.locator("html")).toHaveAttribute("lang", "de");
  await isReady(elsewhere);
  await expect(elsewhere.getByTestId("connection")).toHaveText("Live");
  await expect(elsewhere.getByRole("heading", { name: "Zusammenfassung" })).toBeVisible();
  // Drawn by the browser, not by the server.
  await elsewhere.getByLabel("Phase").selectOption("offer");
  await expect(elsewhere.getByTestId("current-stage")).toHaveText("Derzeit: Beworben");
});

test("times are in the reader's zone and language", async ({ visitor, page, request }) => {
  await signIn(page);
  const path = await applyAndFind(page, request, await pdf("two-page-two-column.pdf"));
  const tokyo = await (await visitor({ locale: "de", timezoneId: "Asia/Tokyo" })).newPage();
  await signIn(tokyo, recruiters.second, path);
  const time = tokyo.locator(".facts time");
  await expect(time).toHaveText(/^(jetzt|vor \d+ (Sekunden?|Minuten?))$/);
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  const exact = new Intl.DateTimeFormat("de", { dateStyle: "full", timeStyle: "long", timeZone: "Asia/Tokyo" });
  await expect(time).toHaveAttribute("title", exact.format(at));
});

/** What people, CVs and programs say; everything else has to be translated. */
const data = [
  "[translate=no]",
  "[dir=auto]",
  "code",
  "pre",
  "time",
  "script",
  "style",
  ".brand",
  ".who",
  ".site-footer button",
  ".person",
  ".line-text",
  ".quotes blockquote",
  ".page-text",
  '[data-testid="application-row"] strong',
  '[data-testid="application-row"] .headline',
  '[data-testid="queue"] h3',
  "#filter-queue option",
  '[data-testid="job"] a',
  '[data-testid="cron"] th',
  '[data-testid="cron"] .quiet-text',
  ".job-facts dd",
  "textarea",
  'a[href^="mailto:"]',
  'a[href^="/postings/"]',
  ".posting h1",
  ".openings a",
  ".prose p",
  ".prose li",
  ".lead",
  "h1[tabindex]",
];

/** Texts and labels with a letter outside of the brackets that the pseudo-locale puts around its texts. */
async function untranslated(page: Page): Promise<string[]> {
  return page.evaluate((skipped) => {
    const found: string[] = [];
    // A message with an element inside is two texts, the first without an end and the second without a start.
    const rest = (text: string) => text.replace(/⟦[^⟦⟧]*(⟦[^⟦⟧]*⟧[^⟦⟧]*)*(⟧|$)/g, "").replace(/^[^⟦⟧]*⟧/, "");
    const check = (text: string | null) => {
      if (text && /\p{L}{2}/u.test(rest(text))) found.push(text.trim());
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (!element || element.closest(skipped)) continue;
      if (node instanceof Text) check(node.data);
      else for (const name of ["aria-label", "placeholder", "alt"]) check((node as Element).getAttribute(name));
    }
    return found;
  }, data.join(","));
}

test("every text of every page is translated", async ({ visitor, request, page: english, complaints }) => {
  complaints.allow(/status of 40/);
  await signIn(english);
  const application = await applyAndFind(english, request, await pdf("two-page-two-column.pdf"));
  const page = await (await visitor({ locale: "en-XA" })).newPage();
  const look = async (path: string) => {
    await expect(page.locator("html")).toHaveAttribute("lang", "en-XA");
    const names = ["Marta Silveira", "Backend engineer", "PDF", "SummarizeCv"];
    const isName = (text: string) => names.some((name) => text === name || text.startsWith(`${name} `));
    expect((await untranslated(page)).filter((text) => !isName(text)), path).toEqual([]);
  };
  for (const path of ["/careers", "/careers/backend-engineer", "/careers/office-manager", "/careers/nothing", "/sign-in"]) {
    await page.goto(path);
    await look(path);
  }
  await signIn(page);
  for (const path of ["/", "/nothing", application, application.replace(/applications.*/, "admin/jobs")]) {
    await page.goto(path);
    await look(path);
  }
  await expect(page.getByTestId("job").first()).toHaveAttribute("data-state", "completed");
  await page.getByTestId("job").first().locator("a").click();
  await expect(page.getByTestId("timeline")).toBeVisible();
  await look("a job");
});
