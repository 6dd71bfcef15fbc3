// What the numbers were measured on. Nothing here names the machine or its owner.
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg, release, totalmem } from "node:os";
import { resolve } from "node:path";

/** The machine and the sources. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly fileSystem: string;
  readonly bun: string;
  /** Commit of the checkout, with `+` when the measured sources were changed since. */
  readonly commit: string;
  /** Load average of the last minute, at the start. */
  readonly load: number;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function cpuModel(): string {
  if (process.platform === "darwin") return text(["sysctl", "-n", "machdep.cpu.brand_string"]);
  const info = read("/proc/cpuinfo");
  return /^model name\s*:\s*(.+)$/m.exec(info)?.[1]?.replace(/\s+/g, " ") ?? process.arch;
}

/** The type of the file system that holds a folder: the mount with the longest matching path. */
export function fileSystemOf(folder: string, mounts = read("/proc/self/mounts")): string {
  const path = `${resolve(folder)}/`;
  let best = { point: "", type: "unknown" };
  for (const line of mounts.split("\n")) {
    const [, escaped = "", type = ""] = line.split(" ");
    const point = escaped.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const prefix = point.endsWith("/") ? point : `${point}/`;
    if (point !== "" && path.startsWith(prefix) && point.length >= best.point.length) best = { point, type };
  }
  return best.type;
}

/** Standard output of a command, trimmed; empty when it fails. */
export function text(argv: string[]): string {
  try {
    const { success, stdout } = Bun.spawnSync(argv, { stdin: "ignore", stderr: "ignore" });
    return success ? stdout.toString().trim() : "";
  } catch {
    return "";
  }
}

/** Describes the machine. */
export function machine(corpora: string): Machine {
  const changed = text(["git", "status", "--porcelain", "--", "src", "cli", "libcore", "bench"]) !== "";
  const commit = text(["git", "rev-parse", "--short=12", "HEAD"]) || "unknown";
  return {
    cpu: cpuModel(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${process.platform} ${release()}`,
    fileSystem: fileSystemOf(corpora),
    bun: Bun.version,
    commit: changed ? `${commit}+` : commit,
    load: loadavg()[0] ?? 0,
  };
}
