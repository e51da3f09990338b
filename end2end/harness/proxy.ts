import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

interface Link {
  client: Socket;
  node: Socket;
}

/** A network between browsers and nodes, which does what networks do. */
export class Proxy {
  readonly #links = new Set<Link>();
  readonly #server: Server;

  /** Where new connections go; one of them each time. */
  ports: number[] = [];

  private constructor(private readonly chance: () => number) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#link(client));
  }

  /** Listens; `chance` is a number from 0 to 1, another one each time. */
  static async start(chance: () => number): Promise<Proxy> {
    const proxy = new Proxy(chance);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** About a half of the connections end, whatever was on its way. */
  cut(): void {
    for (const { client, node } of this.#half()) {
      client.resetAndDestroy();
      node.resetAndDestroy();
    }
  }

  /** Nothing moves on about a half of the connections for so long. */
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

  /** The nodes of about a half of the connections hear that the browser has closed, which has not. */
  halfClose(): void {
    for (const { client, node } of this.#half()) {
      client.unpipe(node).resume();
      node.end();
    }
  }

  /** What the nodes say on about a half of the connections is lost, and nobody is told. */
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
