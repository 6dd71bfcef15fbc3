// An HTTP/1.1 server in the test process that can do everything wrong: it writes the bytes it is told to, and keeps
// a log of connections, requests, and body bytes that left.
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** One request, and what became of it. */
export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The connection it came on, from 1. */
  readonly connection: number;
  /** Bytes of the body given to the system. */
  body: number;
}

/** How a handler answers. */
export interface Reply {
  /** A status line and fields; `\r\n` and the like are the handler's to get wrong. */
  head(status: number, fields?: Record<string, string | readonly string[]>): void;
  /** Body bytes, once those before them have gone: false when the client is gone. */
  body(bytes: Uint8Array): Promise<boolean>;
  /** Any bytes. */
  raw(text: string): void;
  /** Closes the connection: in order, or with a reset. */
  close(how?: "end" | "reset"): void;
  /** Resolves when the client has closed the connection. */
  readonly gone: Promise<void>;
}

/** Answers a request. Unless it closes, the connection is used again once it returns. */
export type Handler = (request: Seen, reply: Reply) => unknown;

/** A certificate and its key, in PEM. */
export interface Tls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

const encode = (text: string) => Buffer.from(text, "latin1");

function parse(head: string, connection: number): Seen {
  const [first = "", ...lines] = head.split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, path, headers, connection, body: 0 };
}

/** A server on a loopback address, at a port that the system chose. */
export class HttpServer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  /** Connections accepted so far, open now, and open at once at most. */
  connections = 0;
  open = 0;
  mostOpen = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scheme: string;
  readonly #host: string;

  private constructor(server: Server, scheme: string, host: string) {
    this.#server = server;
    this.#scheme = scheme;
    this.#host = host;
  }

  /** Starts to listen. */
  static async start(handler: Handler, { tls, host = "127.0.0.1" }: { tls?: Tls; host?: string } = {}): Promise<HttpServer> {
    let self: HttpServer | undefined;
    const accept = (socket: Socket) => self?.serve(socket, handler);
    const server = tls ? createTlsServer({ ...tls, ALPNProtocols: ["http/1.1"] }, accept) : createServer(accept);
    self = new HttpServer(server, tls ? "https" : "http", host);
    // A handshake that the client breaks off is no event here.
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return self;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://HOST:PORT/path` */
  url(path = "", host = this.#host): string {
    return `${this.#scheme}://${host}:${this.port}/${path}`;
  }

  /** Requests as `METHOD /path`. */
  get lines(): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`);
  }

  /** Body bytes of all requests. */
  get body(): number {
    return this.seen.reduce((sum, { body }) => sum + body, 0);
  }

  /** Forgets what it has seen, not its open connections. */
  forget(): void {
    this.seen.length = 0;
    this.connections = this.mostOpen = 0;
  }

  /** Speaks HTTP on a connection. Also for a proxy, which hands over a connection it was asked to open. */
  serve(socket: Socket, handler: Handler): void {
    const connection = ++this.connections;
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    this.#sockets.add(socket);
    const gone = Promise.withResolvers<void>();
    const drained: (() => void)[] = [];
    socket.on("drain", () => drained.splice(0).forEach((resolve) => resolve()));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.open -= 1;
      this.#sockets.delete(socket);
      gone.resolve();
      drained.splice(0).forEach((resolve) => resolve());
    });
    let text = "";
    let busy = false;
    const next = async () => {
      const end = text.indexOf("\r\n\r\n");
      if (busy || end < 0) return;
      busy = true;
      const request = parse(text.slice(0, end), connection);
      text = text.slice(end + 4);
      this.seen.push(request);
      await handler(request, this.#reply(socket, request, gone.promise, drained));
      if (request.headers["connection"] === "close") socket.end();
      busy = false;
      void next();
    };
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      void next();
    });
  }

  #reply(socket: Socket, request: Seen, gone: Promise<void>, drained: (() => void)[]): Reply {
    return {
      gone,
      head(status, fields = {}) {
        const lines = Object.entries(fields).flatMap(([name, value]) =>
          (typeof value === "string" ? [value] : value).map((one) => `${name}: ${one}\r\n`),
        );
        socket.write(encode(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`));
      },
      async body(bytes) {
        if (socket.destroyed) return false;
        request.body += bytes.length;
        if (socket.write(bytes)) return true;
        await new Promise<void>((resolve) => drained.push(resolve));
        return !socket.destroyed;
      },
      raw: (text) => void socket.write(encode(text)),
      close: (how = "end") => (how === "end" ? socket.end() : socket.resetAndDestroy()),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}

/** What a well-behaved server knows of a file. */
export interface Stored {
  readonly bytes: Uint8Array;
  /** With its quotes. */
  readonly etag?: string;
  /** More fields. */
  readonly fields?: Record<string, string>;
  /** Does not know Range. */
  readonly noRange?: boolean;
}

const PIECE = 64 * 1024;

/** Sends bytes in pieces until the client has gone. */
export async function send(reply: Reply, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += PIECE) if (!(await reply.body(bytes.subarray(at, at + PIECE)))) return false;
  return true;
}

/** Answers GET and HEAD as a good server does, with ranges: RFC 9110, section 14. */
export async function serveFile(request: Seen, reply: Reply, file: Stored): Promise<void> {
  const { bytes, etag, fields = {}, noRange } = file;
  const common = { ...(etag && { ETag: etag }), ...fields, ...(!noRange && { "Accept-Ranges": "bytes" }) };
  const range = noRange || request.method !== "GET" ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers["range"] ?? "");
  const fits = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
  if (!range || !fits) {
    reply.head(200, { ...common, "Content-Length": String(bytes.length) });
    if (request.method === "GET") await send(reply, bytes);
    return;
  }
  const first = Number(range[1]);
  const last = Math.min(range[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  if (first >= bytes.length) {
    reply.head(416, { ...common, "Content-Range": `bytes */${bytes.length}`, "Content-Length": "0" });
    return;
  }
  const part = bytes.subarray(first, last + 1);
  reply.head(206, {
    ...common,
    "Content-Range": `bytes ${first}-${last}/${bytes.length}`,
    "Content-Length": String(part.length),
  });
  await send(reply, part);
}

/** A handler over files by their paths (without the slash and query); what is not there is 404. */
export function files(stored: Record<string, Stored | Uint8Array>): Handler {
  return (request, reply) => {
    const file = stored[request.path.slice(1).replace(/\?.*$/, "")];
    if (file) return serveFile(request, reply, file instanceof Uint8Array ? { bytes: file } : file);
    reply.head(404, { "Content-Length": "9" });
    if (request.method !== "HEAD") reply.raw("not found");
    return undefined;
  };
}
