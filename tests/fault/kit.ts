// Runs `suite` with system calls that fail as tests/fault/shim.c describes.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import { platformName } from "../../src/ffi/locate.ts";
import { compare, type Ended } from "../cli/kit/suite.ts";
import { ROOT } from "../support/child.ts";
import { buildNative } from "../../scripts/build/native.ts";

const SHIM = join(ROOT, ".cache/native", platformName(), "release/fault/shim.so");
// `verify` has built it; a plain `bun test` builds it here.
if (!existsSync(SHIM)) await buildNative({ tests: true });

/** Error numbers of Linux. */
export const ERRNO = {
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  EACCES: 13,
  ENOTDIR: 20,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  ELOOP: 40,
} as const;

/** How a command with faults ended, and which faults it met: `call path count`. */
export interface Faulty extends Ended {
  met: string[];
}

/** `suite compare …` under rules of the shim. */
export async function faulty(
  cwd: string,
  rules: string | string[],
  args: string[],
  stdin?: Uint8Array,
): Promise<Faulty> {
  if (!existsSync(SHIM)) throw new Error(`${SHIM} is missing: bun scripts/build-native.ts --tests makes it`);
  const log = `${cwd}/met.log`;
  rmSync(log, { force: true });
  const env = { LD_PRELOAD: SHIM, SUITE_FAULT: [rules].flat().join(";"), SUITE_FAULT_LOG: log };
  const end = await compare(args, { cwd, env, ...(stdin && { stdin }) });
  const met = existsSync(log) ? readFileSync(log, "latin1").trimEnd().split("\n") : [];
  return { ...end, met: met.filter((line) => line !== "").map((line) => line.replace(`${cwd}/`, "")) };
}

/** As {@link faulty}, and fails unless some fault was met: a rule that fits nothing tests nothing. */
export async function struck(
  cwd: string,
  rules: string | string[],
  args: string[],
  stdin?: Uint8Array,
): Promise<Faulty> {
  const end = await faulty(cwd, rules, args, stdin);
  expect(end.met, `no call fitted ${String(rules)}`).not.toEqual([]);
  return end;
}
