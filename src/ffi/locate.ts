/**
 * Where the native library may be, in the order in which it is looked for.
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { embeddedLibrary } from "./embedded.ts";

/** A place to load the library from. */
export interface Candidate {
  path: string;
  /** How this place came up, for messages. */
  origin: "SUITE_LIBCORE" | "embedded" | "platform package" | "repository build";
}

/** The name the packages are published under. */
export const PACKAGE_NAME = "suite";

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
 * The places to load from, best first. A compiled executable uses the library
 * it carries and no other: what lies around in the folder it runs in is not
 * looked at. Elsewhere `SUITE_LIBCORE` is used alone (only in a development
 * checkout), else the platform package, then the repository's own build.
 *
 * Each is looked for when the one before it is of no use: to resolve a package
 * costs milliseconds.
 */
export function* candidates(): Generator<Candidate, void> {
  const embedded = embeddedLibrary();
  if (embedded !== undefined) {
    yield { path: embedded, origin: "embedded" };
    return;
  }
  const root = checkout();
  const override = root && process.env.SUITE_LIBCORE;
  if (override) {
    yield { path: override, origin: "SUITE_LIBCORE" };
    return;
  }
  const platform = platformName();
  const installed = packaged(platform);
  if (installed) yield { path: installed, origin: "platform package" };
  if (root) {
    const built = join(root, ".cache", "native", platform, "release", "libcore.so");
    yield { path: built, origin: "repository build" };
  }
}
