import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** The folder of the built browser files. */
export const builtSite = process.env["VERBATIM_SITE"] ?? join(root, "target/site");

const binary = process.env["VERBATIM_BIN"] ?? join(root, "target/release/verbatim");

/** Settings of a server under test that differ from the defaults. */
export interface ServerOptions {
  /** The pause before each summary line, in milliseconds. */
  lineDelay?: number;
  /** The public URL behind a proxy; the server itself listens on plain HTTP. */
  publicUrl?: string;
  /** The folder of the browser files; that of the build if it is left out. */
  site?: string;
  /** A data folder to share with other nodes; the caller removes it. */
  data?: string;
  /** A PostgreSQL database to share with other nodes. */
  database?: string;
}

/** A process of the real program with its own data folder and port. */
export class Server {
  #child: ChildProcess | undefined;
  #output = "";

  private constructor(
    readonly data: string,
    readonly port: number,
    private options: ServerOptions,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Server> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), "verbatim-end2end-")));
    const server = new Server(data, await freePort(), options);
    await server.#launch();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything that the program has printed, restarts included. */
  get output(): string {
    return this.#output;
  }

  /** Kills the process without a chance to clean up. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stops the process until `thaw`. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Kills the process and starts it again on the same data and port. */
  async restart(): Promise<void> {
    await this.kill();
    await this.#launch();
  }

  /** Starts a new process that takes over from the running one, and waits until that has exited. */
  async replace(options: Partial<ServerOptions> = {}): Promise<void> {
    const before = this.#child;
    const gone = before && once(before, "exit");
    this.options = { ...this.options, ...options };
    const heard = this.#output.length;
    await this.#launch();
    await Promise.race([gone, this.#child && once(this.#child, "exit")]);
    const took = () => this.#output.slice(heard).includes(`Took over from process ${before?.pid}`);
    // The old process may exit before the new one's output has arrived.
    for (const deadline = Date.now() + 5_000; !took() && Date.now() < deadline; ) {
      await new Promise((tick) => setTimeout(tick, 20));
    }
    if (before?.exitCode !== 0 || !took()) {
      before?.kill("SIGKILL");
      throw new Error(`the server was not replaced:\n${this.#output}`);
    }
  }

  /** Runs another command of the program on the same data. */
  async command(...words: string[]): Promise<void> {
    const child = spawn(binary, [...words, "--data", this.data], { env: this.#environment(), stdio: "ignore" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`verbatim ${words.join(" ")} ended with ${code}`);
  }

  /** Kills the process and removes its data. */
  async stop(): Promise<void> {
    await this.#end("SIGKILL");
    if (!this.options.data) await rm(this.data, { recursive: true, force: true });
  }

  async #launch(): Promise<void> {
    const listen = `127.0.0.1:${this.port}`;
    const child = spawn(binary, ["serve", "--data", this.data, "--listen", listen], {
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => (this.#output += text));
    }
    child.on("error", (error) => (this.#output += `\n${binary}: ${error.message}\n`));
    await this.#healthy(child);
  }

  /** The environment without the caller's own settings of the program. */
  #environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("VERBATIM_"));
    const { lineDelay = 0, publicUrl, site, database } = this.options;
    return {
      ...Object.fromEntries(kept),
      ...(publicUrl ? { VERBATIM_PUBLIC_URL: publicUrl } : {}),
      ...(database ? { VERBATIM_DATABASE: database } : {}),
      VERBATIM_DEMO: "true",
      VERBATIM_SITE: site ?? builtSite,
      VERBATIM_LINE_DELAY_MS: String(lineDelay),
    };
  }

  async #healthy(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      if (child.exitCode !== null || child.pid === undefined) break;
      const answer = await fetch(`${this.url}/health`).catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise((tick) => setTimeout(tick, 50));
    }
    await this.#end("SIGKILL");
    throw new Error(`the server did not become healthy:\n${this.#output}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
