import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Page, expect, test } from "@playwright/test";
import { signIn } from "../harness/people.ts";
import { Server } from "../harness/server.ts";

const run = promisify(execFile);
const postgres = process.env["VERBATIM_TEST_POSTGRES"] ?? "";
const qbench = join(import.meta.dirname, "../../target/release/examples/qbench");
const seconds = 10;

interface Seen {
  frames: number;
  longestGapMs: number;
  longTasks: number;
  longestTaskMs: number;
  numbers: number;
}

/** Measures the main thread for a while: frames, the longest wait for one, and long tasks. */
async function watch(page: Page): Promise<Seen> {
  return page.evaluate(async (forMs) => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    const numbers = new Set<string>();
    const gaps: number[] = [];
    let last = performance.now();
    const end = last + forMs;
    while (last < end) {
      const now = await new Promise<number>((drawn) => requestAnimationFrame(drawn));
      gaps.push(now - last);
      last = now;
      numbers.add(document.querySelector("main")?.textContent ?? "");
    }
    return {
      frames: gaps.length,
      longestGapMs: Math.max(...gaps),
      longTasks: tasks.length,
      longestTaskMs: Math.max(0, ...tasks),
      numbers: numbers.size,
    };
  }, seconds * 1_000);
}

test.skip(!postgres, "it needs .ci/with-postgres.sh");

test("the dashboard under load", async ({ browser }) => {
  test.setTimeout(180_000);
  await run("psql", ["-q", postgres, "-c", "drop database if exists dashboard with (force)", "-c", "create database dashboard"]);
  const database = postgres.replace("/postgres?", "/dashboard?");
  const server = await Server.start({ database });
  try {
    const page = await (await browser.newContext({ baseURL: server.url })).newPage();
    let heard = 0;
    page.on("websocket", (socket) => socket.on("framereceived", () => (heard += 1)));
    await signIn(page);
    for (const rate of [0, 10_000]) {
      await page.goto("/admin/jobs");
      await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
      const env = { ...process.env, QB_URL: database, QB_MODE: "load", QB_CONFIG: "tuned", QB_RATE: String(rate), QB_SECS: String(seconds + 6) };
      const load = rate > 0 ? spawn(qbench, [], { env, stdio: ["ignore", "pipe", "inherit"] }) : undefined;
      let said = "";
      load?.stdout.on("data", (text: Buffer) => (said += text.toString()));
      const ended = load && once(load, "close");
      // The page lists the node once the load is running.
      if (load) await expect(page.locator("main")).toContainText("bench", { timeout: 30_000 });
      const before = heard;
      const seen = await watch(page);
      const frames = (heard - before) / seconds;
      await ended;
      expect(seen.numbers, "the page shows what happens").toBeGreaterThan(rate > 0 ? 1 : 0);
      const measured = { name: "dashboard", jobs_per_s: rate, frames_per_s: seen.frames / seconds, socket_frames_per_s: frames, ...seen };
      console.log(JSON.stringify(measured), said.trim());
    }
  } finally {
    await server.stop();
  }
});
