import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type APIRequestContext, type Browser, type Page, expect, test } from "@playwright/test";
import { pdf } from "../harness/files.ts";
import { applyAndFind, isReady, lines, recruiters, seq, signIn } from "../harness/people.ts";
import { Proxy } from "../harness/proxy.ts";
import { Server } from "../harness/server.ts";

const run = promisify(execFile);
const postgres = process.env["VERBATIM_TEST_POSTGRES"] ?? "";
const restartPostgres = process.env["VERBATIM_TEST_POSTGRES_RESTART"] ?? "";
const first = Number(process.env["FAULT_SEED"] ?? 1);
const rounds = Number(process.env["FAULT_BROWSER_ROUNDS"] ?? 1);
const faults = 8;

declare global {
  interface Window {
    /** What the page has shown since it was opened; lost by a reload. */
    shown: { notes: string[]; removed: string[]; back: number; seq: number };
  }
}

/** A pseudorandom generator of numbers from 0 to 1 (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Records every note that appears or disappears, and whether the sequence number ever decreases. */
async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts = (nodes: NodeList) =>
      [...nodes]
        .filter((node) => node instanceof Element)
        .flatMap((node) => [node, ...node.querySelectorAll("[data-testid=note]")])
        .filter((element) => element.matches("[data-testid=note]"))
        .map((note) => note.querySelector(".text")?.textContent ?? "");
    window.shown = { notes: [], removed: [], back: 0, seq: 0 };
    new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        window.shown.notes.push(...texts(addedNodes));
        window.shown.removed.push(...texts(removedNodes));
      }
      const seq = Number(document.querySelector("[data-testid=summary]")?.getAttribute("data-seq"));
      if (seq < window.shown.seq) window.shown.back += 1;
      window.shown.seq = seq;
    }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-seq"] });
  });
}

const notes = (page: Page) => page.getByTestId("note").locator(".text").allTextContents();

/** Adds notes one after the other, and sometimes requests a new summary, until it is stopped. */
class Producer {
  readonly confirmed: string[] = [];
  readonly tried = new Set<string>();
  #stopped = false;

  constructor(
    private readonly request: APIRequestContext,
    private readonly url: string,
    private readonly id: string,
  ) {}

  async run(): Promise<void> {
    for (let n = 1; !this.#stopped; n += 1) {
      if (await this.write(`note ${n}`)) await new Promise((tick) => setTimeout(tick, 150));
      if (n % 10 === 0) await this.#post("request_summary", {});
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Whether the server confirmed the note; otherwise it may or may not exist. */
  async write(text: string): Promise<boolean> {
    this.tried.add(text);
    const written = await this.#post("add_note", { text });
    if (written) this.confirmed.push(text);
    return written;
  }

  async #post(name: string, fields: Record<string, string>): Promise<boolean> {
    try {
      const answer = await this.request.post(`${this.url}/api/${name}`, {
        form: { id: this.id, ...fields },
        headers: { origin: this.url },
        maxRedirects: 0,
        timeout: 5_000,
      });
      return answer.status() < 400 && !answer.headers()["location"]?.includes("__err");
    } catch {
      return false;
    }
  }
}

/** The faults of nodes, network and database. */
async function harm(kind: number, chance: () => number, nodes: Server[], proxy: Proxy): Promise<string> {
  const node = nodes[Math.floor(chance() * nodes.length)];
  if (!node) throw new Error("there are nodes");
  switch (kind) {
    case 0:
      await node.restart();
      return "kill";
    case 1:
      node.freeze();
      // Longer than the client's timeout for a pong.
      await new Promise((tick) => setTimeout(tick, 12_000));
      node.thaw();
      return "stop";
    case 2:
      proxy.cut();
      return "cut";
    case 3:
      proxy.delay(500 + chance() * 4_000);
      return "delay";
    case 4:
      proxy.halfClose();
      return "half-close";
    case 5:
      proxy.swallow();
      return "swallow";
    case 6:
      // Every connection, those that listen for notifications included.
      await run("psql", ["-q", postgres, "-c", "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"]);
      return "terminate";
    default:
      await run("bash", ["-c", restartPostgres]);
      return "restart PostgreSQL";
  }
}

test.skip(!postgres, "it needs .ci/with-postgres.sh");

for (let seed = first; seed < first + rounds; seed += 1) {
  test(`two browsers over three nodes lose and repeat nothing, seed ${seed}`, async ({ playwright }, info) => {
    test.setTimeout(300_000);
    const chance = chanceOf(seed);
    const name = `browsers_${seed}`;
    await run("psql", ["-q", postgres, "-c", `drop database if exists ${name} with (force)`, "-c", `create database ${name}`]);
    const data = await mkdtemp(join(tmpdir(), "verbatim-faults-"));
    const proxy = await Proxy.start(chance);
    const options = { data, database: postgres.replace("/postgres?", `/${name}?`), publicUrl: proxy.url, lineDelay: 100 };
    const nodes = [await Server.start(options)];
    nodes.push(...(await Promise.all([Server.start(options), Server.start(options)])));
    proxy.ports = nodes.map(({ port }) => port);
    const browsers: Browser[] = [];
    try {
      const pages: Page[] = [];
      for (const email of [recruiters.demo, recruiters.second]) {
        const browser = await playwright.chromium.launch(info.project.use.launchOptions);
        browsers.push(browser);
        const page = await (await browser.newContext({ baseURL: proxy.url })).newPage();
        await signIn(page, email);
        pages.push(page);
      }
      const [one, two] = pages as [Page, Page];
      const path = await applyAndFind(one, one.context().request, await pdf("two-page-two-column.pdf"));
      for (const page of pages) {
        await page.goto(path);
        await isReady(page);
        await record(page);
      }
      const producer = new Producer(two.context().request, proxy.url, path.split("/").at(-1) ?? "");
      const producing = producer.run();
      const happened: string[] = [];
      for (let n = 0; n < faults; n += 1) {
        happened.push(await harm(Math.floor(chance() * 8), chance, nodes, proxy));
        // Half of the time the next fault comes before the nodes have recovered.
        if (chance() < 0.5) {
          const before = producer.confirmed.length;
          await expect.poll(() => producer.confirmed.length, { timeout: 60_000 }).toBeGreaterThan(before);
          const newest = producer.confirmed.at(-1) ?? "";
          for (const page of pages) {
            await expect(page.getByTestId("note").filter({ hasText: newest }).first()).toBeVisible({ timeout: 90_000 });
          }
        }
      }
      producer.stop();
      await producing;
      await expect.poll(() => producer.write("the end"), { timeout: 60_000 }).toBe(true);
      for (const page of pages) {
        await expect(page.getByTestId("note").last()).toContainText("the end", { timeout: 90_000 });
        await isReady(page);
      }
      console.log(`seed ${seed}: ${happened.join(", ")}; ${producer.confirmed.length} of ${producer.tried.size} notes confirmed`);

      const fresh = await one.context().newPage();
      await fresh.goto(path);
      const truth = { notes: await notes(fresh), lines: await lines(fresh), seq: await seq(fresh) };
      for (const text of producer.confirmed) {
        // A note that was sent again by hand is a different note.
        if (text !== "the end") expect(truth.notes.filter((note) => note === text), text).toHaveLength(1);
      }
      expect(truth.notes.every((note) => producer.tried.has(note))).toBe(true);
      for (const page of pages) {
        await expect.poll(() => seq(page)).toBe(truth.seq);
        expect({ notes: await notes(page), lines: await lines(page), seq: await seq(page) }).toEqual(truth);
        const shown = await page.evaluate(() => window.shown);
        expect(shown, "the page was reloaded").toBeDefined();
        expect(shown.notes, "each note appeared once, in the order of the log").toEqual(truth.notes);
        expect(shown.removed).toEqual([]);
        expect(shown.back, "the page went back").toBe(0);
      }
    } finally {
      await Promise.all(browsers.map((browser) => browser.close()));
      for (const node of nodes) {
        node.thaw();
        await node.stop();
      }
      await proxy.stop();
      await rm(data, { recursive: true, force: true });
    }
  });
}
