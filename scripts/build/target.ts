// What the library is built for. The name is part of every path under .cache/native, and of the npm package names.
import { existsSync } from "node:fs";
import { BuildError, exitCodes } from "./errors.ts";
import type { Platform } from "./third-party/recipe.ts";

/** The targets the project means to ship, in the order the documentation lists them. */
export const knownTargets = [
  "linux-x64-gnu",
  "linux-arm64-gnu",
  "linux-x64-musl",
  "linux-arm64-musl",
  "macos-x64",
  "macos-arm64",
  "windows-x64",
] as const;

/** One of {@link knownTargets}. */
export type Target = (typeof knownTargets)[number];

/**
 * The target of the running Bun, whose process has to load the library.
 *
 * @example
 * hostTarget(); // "linux-x64-gnu"
 */
export function hostTarget(platform: string = process.platform, arch: string = process.arch): string {
  if (platform === "linux") return `linux-${arch}-${isMusl(arch) ? "musl" : "gnu"}`;
  if (platform === "darwin") return `macos-${arch}`;
  if (platform === "win32") return `windows-${arch}`;
  return `${platform}-${arch}`;
}

function isMusl(arch: string): boolean {
  const cpu = arch === "arm64" ? "aarch64" : "x86_64";
  // Some glibc systems carry musl's loader beside their own; only its absence of glibc makes a system a musl one.
  const glibc = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].some((loader) => existsSync(loader));
  return !glibc && existsSync(`/lib/ld-musl-${cpu}.so.1`);
}

/**
 * Checks a `--target` value: the host itself, or from Linux any other Linux. Throws a {@link BuildError} with exit code 2
 * for the others.
 */
export function resolveTarget(wanted: string | undefined, host: string = hostTarget()): string {
  const target = wanted ?? host;
  if (!(knownTargets as readonly string[]).includes(target)) {
    throw new BuildError(`unknown target "${target}"`, {
      exitCode: exitCodes.usage,
      hint: `Targets: ${knownTargets.join(", ")}.`,
    });
  }
  if (!isLinux(target)) {
    throw new BuildError(`building for ${target} is not possible yet`, {
      exitCode: exitCodes.usage,
      hint: `Only Linux can be built so far: ${knownTargets.filter(isLinux).join(", ")}.`,
    });
  }
  if (target !== host && !isLinux(host)) {
    throw new BuildError(`building for ${target} on ${host} is not possible yet`, {
      exitCode: exitCodes.usage,
      hint: "Libraries for Linux are built on Linux so far.",
    });
  }
  return target;
}

const isLinux = (target: string): boolean => target.startsWith("linux-");

/** What recipes of third-party libraries may ask about a target. */
export function platformOf(target: string): Platform {
  const [, arch, libc] = target.split("-");
  return { target, arch: arch === "arm64" ? "arm64" : "x64", libc: libc === "musl" ? "musl" : "gnu" };
}
