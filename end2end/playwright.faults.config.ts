import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** Real browsers while nodes, network and database fail: `make test-faults`. */
export default defineConfig(base, { testDir: "faults", workers: 1 });
