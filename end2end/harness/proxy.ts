import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

interface Link {
  client: Socket;
  node: Socket;
}

/** A TCP proxy between browsers and nodes that injects network faults. */
export class Proxy {
  readonly #links = new Set<Link>();
  readonly #server: Server;

  /** The ports of the nodes; each new connection goes to a random one. */
  ports: number[] = [];

  private constructor(private readonly chance: () => number) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#link(client));
  }

  /** Starts to listen. `chance` returns a random number from 0 to 1. */
  static async start(chance: () => number): Promise<Proxy> {
    const proxy = new Proxy(chance);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets about half of the connections. */
  cut(): void {
    for (const { client, node } of this.#half()) {
      client.resetAndDestroy();
      node.resetAndDestroy();
    }
  }

  /** Pauses about half of the connections. */
  delay(milliseconds: number): void {
    const held = this.#half();
    for (const { client, node } of held) {
      client.unpipe(node).pause();
      node.unpipe(client).pause();
    }
    setTimeout(() => {
      for (const { client, node } of held) {
        if (client.destroyed || node.destroyed) continue;
        client.pipe(node);
        node.pipe(client);
      }
    }, milliseconds);
  }

  /** Closes the browser's side of about half of the connections towards the nodes only. */
  halfClose(): void {
    for (const { client, node } of this.#half()) {
      client.unpipe(node).resume();
      node.end();
    }
  }

  /** Drops everything that the nodes send on about half of the connections. */
  swallow(): void {
    for (const { client, node } of this.#half()) node.unpipe(client).resume();
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const { client, node } of this.#links) {
      client.destroy();
      node.destroy();
    }
  }

  #half(): Link[] {
    return [...this.#links].filter(() => this.chance() < 0.5);
  }

  #link(client: Socket): void {
    const port = this.ports[Math.floor(this.chance() * this.ports.length)] ?? 0;
    const node = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const link = { client, node };
    this.#links.add(link);
    const gone = () => {
      this.#links.delete(link);
      client.destroy();
      node.destroy();
    };
    for (const side of [client, node]) side.on("error", gone).on("close", gone);
    client.pipe(node);
    node.pipe(client);
  }
}
