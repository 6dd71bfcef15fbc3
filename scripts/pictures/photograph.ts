// SVG to PNG with the Chromium of the distribution. Nothing else needs it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** No network, no first-run pages, nothing kept. The sandbox wants a user other than root. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
];

const LIMIT_MS = 120_000;

/** The program, if there is one. */
export const findChromium = (): string | undefined => NAMES.map((name) => Bun.which(name)).find((path) => path !== null) ?? undefined;

/** Takes a picture of a drawing of this size. */
export async function photograph(chromium: string, svg: string, size: { width: number; height: number }, png: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "suite-pictures-"));
  try {
    const page = join(folder, "page.html");
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>body{margin:0}svg{display:block}</style>${svg}`);
    const words = [...FLAGS, `--user-data-dir=${join(folder, "profile")}`, `--window-size=${size.width},${size.height}`, `--screenshot=${png}`, `file://${page}`];
    const child = Bun.spawn([chromium, ...words], { stdout: "ignore", stderr: "pipe", timeout: LIMIT_MS, killSignal: "SIGKILL" });
    const [messages] = await Promise.all([child.stderr.text(), child.exited]);
    if (child.exitCode !== 0) throw new Error(`chromium ended with ${child.exitCode}: ${messages.trim().split("\n").at(-1)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
