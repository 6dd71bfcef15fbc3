// What is pictured: command lines, and the files they are about.
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const GiB = 2 ** 30;

/** A command line worth a look. */
export interface Take {
  readonly args: readonly string[];
  /** The screen is taken, and the command ended, when this was written. */
  readonly until?: RegExp;
  /** The command line stands above its output, as a person would type it. */
  readonly prompt?: string;
  /** Only so many lines, the last ones. */
  readonly last?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** By name. */
export const TAKES: Readonly<Record<string, Take>> = {
  compare: { args: ["compare", "left", "right"], prompt: "$ suite compare left right" },
  few: { args: ["compare", "left", "right"] },
  all: { args: ["compare", "--all-entries", "left", "right"] },
  many: { args: ["compare", "--all-entries", "crowd", "none"], last: 12 },
  same: { args: ["compare", "left", "left"] },
  pair: { args: ["compare", "left/data/prices.csv", "right/data/prices.csv"] },
  bytes: { args: ["compare", "-lb", "left/data/prices.csv", "right/data/prices.csv"] },
  names: { args: ["compare", "odd", "none"] },
  missing: { args: ["compare", "left", "nowhere"] },
  option: { args: ["compare", "--jbos", "4", "left", "right"] },
  progress: { args: ["compare", "--prove=bytes", "big-1", "big-2"], until: /ETA/ },
  "progress-tree": { args: ["compare", "--prove=bytes", "large-1", "large-2"], until: /[2-9] of 65 entries/ },
  help: { args: ["--help"] },
  "help-compare": { args: ["compare", "--help"] },
  "exit-codes": { args: ["help", "exit-codes"] },
  "config-show": { args: ["config", "show", "compare"], env: { SUITE_COMPARE_JOBS: "4", SUITE_COMPARE_JOB: "4" } },
  version: { args: ["--version", "--verbose"] },
  plain: { args: ["compare", "--plain", "left", "right"] },
  json: { args: ["compare", "--json", "left", "right"] },
};

/** The pictures of the documents: files below docs/pictures, all of 80 columns. */
export const DOCUMENTED = [
  { file: "compare.svg", take: "compare", palette: "dark" },
] as const;

/** The words that run a take, with its prompt above what it prints. */
export function commandOf({ args, prompt }: Take, program: readonly string[]): string[] {
  const command = [...program, ...args];
  return prompt === undefined ? command : ["sh", "-c", `printf '%s\\n' "$0"; exec "$@"`, prompt, ...command];
}

function write(root: string, path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A file of this size that takes no room on the disk. */
function sparse(root: string, path: string, size: number): void {
  write(root, path, "");
  truncateSync(join(root, path), size);
}

/** Makes two small trees that differ in telling ways. */
export function makeSmallStage(root: string): void {
  const both = (path: string, left: string, right: string) => {
    write(root, `left/${path}`, left);
    write(root, `right/${path}`, right);
  };
  for (let i = 1; i <= 12; i++) both(`src/module-${i}.ts`, `export const n = ${i};\n`, `export const n = ${i};\n`);
  both("data/prices.csv", "tea,4.20\ncake,3.10\n", "tea,4.20\ncake,3.70\n");
  both("notes.txt", "one line\n", "one line\nand another\n");
  write(root, "left/settings", "colour=blue\n");
  write(root, "right/settings/colour", "blue\n");
  symlinkSync("release-1", join(root, "left/current"));
  symlinkSync("release-2", join(root, "right/current"));
  write(root, "left/draft.txt", "not sent yet\n");
  for (const name of ["beach.jpg", "forest.jpg", "lake.jpg"]) write(root, `right/photos/${name}`, name);
}

/** Makes all files that the command lines are about. */
export function makeStage(root: string): void {
  makeSmallStage(root);
  const long = "a/rather/long/path/to/a/file/that/nobody/would/write/by/hand/but/that/programs/make/all/the/time/cache-0123456789abcdef.bin";
  write(root, `left/${long}`, "1");
  write(root, `right/${long}`, "2");
  mkdirSync(join(root, "none"));
  const odd = ["日本語の名前.txt", "e\u0301-combined", "👩‍👩‍👧 family", "new\nline", "tab\there", "\x1b[31mred\x1b[0m", "txt.\u202eexe", "back\\slash", "a".repeat(250)];
  for (const name of odd) write(root, `odd/${name}`, "");
  for (let i = 0; i < 50_000; i++) {
    if (i % 1000 === 0) mkdirSync(join(root, `crowd/${String(i / 1000).padStart(2, "0")}`), { recursive: true });
    writeFileSync(join(root, `crowd/${String(Math.floor(i / 1000)).padStart(2, "0")}/file-${i}`), "");
  }
  for (const side of [1, 2]) {
    sparse(root, `big-${side}`, 16 * GiB);
    for (let i = 0; i < 64; i++) sparse(root, `large-${side}/sub/file-${i}`, GiB / 4);
  }
}
