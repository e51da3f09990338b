import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** Prints figures of the page: `make bench-dashboard`. */
export default defineConfig(base, { testDir: "bench", workers: 1 });
