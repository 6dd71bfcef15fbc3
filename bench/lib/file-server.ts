// Files over HTTP on loopback, from a process of their own: what serves must not wait for what measures.
import { join, resolve } from "node:path";
import { BenchError } from "./args.ts";

/** A server of all files below a folder. It starts when its address is first asked for. */
export class FileServer implements AsyncDisposable {
  readonly #root: string;
  #child: Bun.Subprocess | undefined;
  #origin: Promise<string> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** `http://127.0.0.1:PORT`; the system chooses the port. */
  origin(): Promise<string> {
    this.#origin ??= this.#start();
    return this.#origin;
  }

  #start(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#child = Bun.spawn(["bun", import.meta.path, this.#root], {
      stdio: ["ignore", "ignore", "inherit"],
      ipc: (port: number) => resolve(`http://127.0.0.1:${port}`),
      onExit: (_, code) => reject(new BenchError(`the server ended with exit code ${code}`, 4)),
    });
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill();
    await this.#child?.exited;
  }
}

if (import.meta.main) {
  const root = resolve(process.argv[2] ?? ".");
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => {
      // The parser of URLs takes out "..", but not "..%2f".
      const path = join(root, decodeURIComponent(new URL(url).pathname));
      return path.startsWith(`${root}/`) ? new Response(Bun.file(path)) : new Response(null, { status: 404 });
    },
    error: () => new Response("no such file", { status: 404 }),
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.(server.port);
}
