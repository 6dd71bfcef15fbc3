// A real browser without a window, spoken to by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The browser's program, null where there is none. */
export const CHROMIUM = Bun.which("chromium") ?? Bun.which("chromium-browser");

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--remote-debugging-port=0",
];

/** How a page is to be looked at. */
export interface View {
  width: number;
  dark?: boolean;
}

/** A page that is open. */
export interface Page {
  /** Looks at it in another way. */
  view(view: View): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** What it looks like, as PNG. */
  picture(): Promise<Buffer>;
}

/** The browser says on standard error where it listens. */
async function listening(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stderr) {
    text += new TextDecoder().decode(chunk);
    const address = /^DevTools listening on (\S+)$/m.exec(text)?.[1];
    if (address) return address;
  }
  throw new Error(`the browser ended: ${text}`);
}

interface Answer {
  id?: number;
  method?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Opens a page in a browser of its own, and ends the browser after `use`. */
export async function withPage<T>(url: string, use: (page: Page) => Promise<T>): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), "suite-chromium-"));
  const browser = Bun.spawn([CHROMIUM as string, ...FLAGS, `--user-data-dir=${profile}`], { stdout: "ignore", stderr: "pipe" });
  try {
    const socket = new WebSocket(await listening(browser.stderr));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const waiting = new Map<number, (answer: Answer) => void>();
    const loads: (() => void)[] = [];
    let sent = 0;
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
      else if (answer.method === "Page.loadEventFired") for (const loaded of loads.splice(0)) loaded();
    });
    const ask = async (method: string, params: object = {}, sessionId?: string) => {
      const id = ++sent;
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        socket.send(JSON.stringify({ id, method, params, sessionId }));
      });
      if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
      return answer.result ?? {};
    };
    const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
    const tell = (method: string, params?: object) => ask(method, params, sessionId as string);
    await tell("Page.enable");
    const loaded = new Promise<void>((resolve) => loads.push(resolve));
    await tell("Page.navigate", { url });
    await loaded;
    return await use({
      view: async ({ width, dark = false }) => {
        await tell("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 });
        await tell("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
      },
      evaluate: async <V>(expression: string) => {
        const { result } = (await tell("Runtime.evaluate", { expression, returnByValue: true })) as { result: { value: V } };
        return result.value;
      },
      picture: async () => Buffer.from((await tell("Page.captureScreenshot", { format: "png" }))["data"] as string, "base64"),
    });
  } finally {
    browser.kill("SIGKILL");
    await browser.exited;
    rmSync(profile, { recursive: true, force: true });
  }
}
