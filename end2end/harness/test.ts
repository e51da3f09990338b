import { type Browser, type BrowserContext, type BrowserContextOptions, type Page, test as base } from "@playwright/test";
import { Server, type ServerOptions } from "./server.ts";

export { expect } from "@playwright/test";
export type { BrowserContext, Locator, Page } from "@playwright/test";

/** Errors in the consoles of a test's pages; any that is not allowed fails the test. */
export class Complaints {
  readonly #allowed: RegExp[] = [];
  readonly #heard: string[] = [];

  /** Allows errors that match `pattern`. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  watch(page: Page): void {
    page.on("pageerror", (error) => this.#heard.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      this.#heard.push(`console: ${message.text()} (${message.location().url})`);
    });
  }

  get unexpected(): string[] {
    return this.#heard.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }
}

/** Opens a browser context for another person. */
export type Visitor = (options?: BrowserContextOptions) => Promise<BrowserContext>;

interface Fixtures {
  complaints: Complaints;
  server: Server;
  visitor: Visitor;
}

interface Options {
  serverOptions: ServerOptions;
}

/** Every test has a server of its own. */
export const test = base.extend<Fixtures & Options>({
  serverOptions: [{}, { option: true }],

  server: async ({ serverOptions }, use, info) => {
    const server = await Server.start(serverOptions);
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach("server output", { body: server.output, contentType: "text/plain" });
    }
    await server.stop();
  },

  baseURL: async ({ server }, use) => use(server.url),

  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    base.expect(complaints.unexpected, "errors in the browser's console").toEqual([]);
  },

  context: async ({ context, complaints }, use) => {
    context.on("page", (page) => complaints.watch(page));
    await use(context);
  },

  visitor: async ({ browser, server, complaints }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await open(browser, { baseURL: server.url, ...options }, complaints);
      opened.push(context);
      return context;
    });
    await Promise.all(opened.map((context) => context.close()));
  },
});

async function open(browser: Browser, options: BrowserContextOptions, complaints: Complaints): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.on("page", (page) => complaints.watch(page));
  return context;
}
