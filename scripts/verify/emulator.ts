// Programs for an arm64 machine, run on this one: what is needed for it, or the reason that it cannot be.
import { existsSync } from "node:fs";
import { arm64Root } from "../setup/extras.ts";

/** How to run a program that was built for an arm64 machine with glibc. */
export interface Emulator {
  readonly target: "linux-arm64-gnu";
  /** Goes before the program. */
  readonly launcher: readonly string[];
}

/** Finds qemu and a C library for it, or gives the reason there is no way to run such programs. */
export function findArm64(): Emulator | string {
  // There it is the machine's own target, and not the one the cross compiler is for.
  if (process.platform !== "linux" || process.arch !== "x64") return "only done on Linux on x86_64";
  const qemu = Bun.which("qemu-aarch64") ?? Bun.which("qemu-aarch64-static");
  if (qemu === null) return "qemu-aarch64 is not here";
  if (!existsSync(`${arm64Root}/lib/ld-linux-aarch64.so.1`)) return `no C library for arm64 in ${arm64Root}`;
  return { target: "linux-arm64-gnu", launcher: [qemu, "-L", arm64Root] };
}
