// What a reader is told of an input that breaks something: its bytes, and how to run it again.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { FuzzTarget } from "./targets.ts";

/** Bytes shown in hexadecimal; in base64 there are all. */
const HEX_BYTES = 256;
/** Lines of what the target printed. */
const OUTPUT_LINES = 60;

/** An input that breaks something. */
export interface Finding {
  /** In words: `exit code 77`, `killed by SIGSEGV`. */
  readonly how: string;
  /** Where the input lies, from the root of the checkout; `undefined` when nobody knows which it was. */
  readonly file: string | undefined;
  readonly bytes: Uint8Array | undefined;
  /** What the target printed. */
  readonly output: string;
}

/** A path from the root of the checkout, or where it leads elsewhere, the path itself. */
export const shortPath = (root: string, path: string): string => {
  const short = relative(root, path);
  return short.startsWith("../") ? resolve(path) : short;
};

/** Where inputs are kept that break a target. */
export const findingsFolder = (target: FuzzTarget): string => `.cache/fuzz/findings/${target.name}`;

/** The finding in an input that lies somewhere. */
export function findingIn(root: string, path: string, how: string, output: string): Finding {
  return { how, file: shortPath(root, path), bytes: new Uint8Array(readFileSync(path)), output };
}

/** The finding in an input that is only known by its bytes: it is kept. */
export function findingOf(root: string, target: FuzzTarget, bytes: Uint8Array, how: string, output: string): Finding {
  const folder = join(root, findingsFolder(target));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `crash-${createHash("sha1").update(bytes).digest("hex")}`);
  writeFileSync(path, bytes);
  return { how, file: shortPath(root, path), bytes, output };
}

/** All that there is to say about a finding. */
export function describeFinding(target: FuzzTarget, { how, file, bytes, output }: Finding): string {
  // How libFuzzer got on is not about the finding, and the sanitizer's report begins with what matters.
  const printed = output
    .trimEnd()
    .split("\n")
    .filter((line) => !/^(#\d+\s|Running: )/.test(line));
  const shown = printed.length > OUTPUT_LINES ? [...printed.slice(0, OUTPUT_LINES), "…"] : printed;
  if (file === undefined || bytes === undefined)
    return [`${target.source}: ${how}, in no known input`, "", ...shown].join("\n");
  const hex = Buffer.from(bytes.subarray(0, HEX_BYTES)).toString("hex");
  const base64 = Buffer.from(bytes).toString("base64");
  const replay = `bun scripts/fuzz.ts ${target.name}`;
  return [
    `${target.source}: ${how}`,
    `the input, ${bytes.length} bytes: ${file}`,
    `  hex     ${hex.replaceAll(/(..)(?=.)/g, "$1 ")}${bytes.length > HEX_BYTES ? " …" : ""}`,
    `  base64  ${base64}`,
    `run it again:   ${replay} ${file}`,
    `on any machine: echo '${base64}' | base64 -d > found && ${replay} found`,
    `once it holds:  cp ${file} ${target.corpus}/A-TELLING-NAME`,
    "",
    ...shown,
  ].join("\n");
}
