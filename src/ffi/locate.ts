/**
 * Where the native library may be, in the order in which it is looked for.
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** A place to load the library from. */
export interface Candidate {
  path: string;
  /** How this place came up, for messages. */
  origin: "SUITE_LIBCORE" | "embedded" | "platform package" | "repository build";
}

/** The name the packages are published under. */
export const PACKAGE_NAME = "suite";

let embedded: string | undefined;

/**
 * Says where a compiled executable carries the library: its entry file calls
 * this with the path of a `with { type: "file" }` import before first use.
 */
export function registerEmbeddedLibrary(path: string): void {
  embedded = path;
}

/** The name of this machine's platform: `linux-x64-gnu`. */
export function platformName(): string {
  if (process.platform !== "linux") return `${process.platform}-${process.arch}`;
  const musl = existsSync(`/lib/ld-musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`);
  const gnu = existsSync("/lib64/ld-linux-x86-64.so.2") || existsSync("/lib/ld-linux-aarch64.so.1");
  return `linux-${process.arch}-${musl && !gnu ? "musl" : "gnu"}`;
}

/** The package that carries the library for a platform. */
export function platformPackage(platform: string): string {
  return `${PACKAGE_NAME}-${platform}`;
}

/** The root of the development checkout this file is part of, or nothing. */
function checkout(): string | undefined {
  const root = dirname(dirname(import.meta.dir));
  return existsSync(join(root, "libcore", "include", "core.h")) ? root : undefined;
}

function packaged(platform: string): string | undefined {
  try {
    return Bun.resolveSync(`${platformPackage(platform)}/libcore.so`, import.meta.dir);
  } catch {
    return undefined;
  }
}

/**
 * The places to load from, best first: `SUITE_LIBCORE` (only in a
 * development checkout), the embedded file, the platform package, the
 * repository's own build.
 */
export function candidates(): Candidate[] {
  const found: Candidate[] = [];
  const platform = platformName();
  const root = checkout();
  const override = root && process.env.SUITE_LIBCORE;
  if (override) return [{ path: override, origin: "SUITE_LIBCORE" }];
  if (embedded) found.push({ path: embedded, origin: "embedded" });
  const installed = packaged(platform);
  if (installed) found.push({ path: installed, origin: "platform package" });
  if (root) {
    const built = join(root, ".cache", "native", platform, "release", "libcore.so");
    found.push({ path: built, origin: "repository build" });
  }
  return found;
}
