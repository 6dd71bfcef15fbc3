// Tools that some tests use and are skipped without. They are installed where the scripts may install at all, and
// nobody is asked for them.
import { existsSync } from "node:fs";
import { findPip } from "../build/zig.ts";
import type { Tool } from "./tools.ts";

const here = (found: boolean) => (found ? { version: "here", good: true } : undefined);

/** The C library of another processor, which programs for it are run with. */
export const arm64Root = "/usr/aarch64-linux-gnu";

/** The table of these tools. */
export const extraTools: readonly Tool[] = [
  {
    name: "pip",
    why: "downloads the compiler for other targets than this machine",
    wanted: "any",
    find: () => here(pipIsHere()),
    packages: { debian: ["python3-pip"], fedora: ["python3-pip"], alpine: ["py3-pip"], macos: [] },
  },
  {
    name: "qemu-user",
    why: "runs tests as on another processor",
    wanted: "any",
    find: () => here(Bun.which("qemu-aarch64") !== null && Bun.which("qemu-x86_64") !== null),
    packages: { debian: ["qemu-user"], fedora: ["qemu-user"], alpine: ["qemu-aarch64", "qemu-x86_64"], macos: [] },
  },
  {
    name: "libc of arm64",
    why: "runs tests as on an arm64 machine",
    wanted: "any",
    find: () => here(existsSync(`${arm64Root}/lib/ld-linux-aarch64.so.1`)),
    packages: { debian: ["libc6-arm64-cross"], fedora: [], alpine: [], macos: [] },
  },
];

function pipIsHere(): boolean {
  try {
    return findPip().length > 0;
  } catch {
    return false;
  }
}
