// The documents do what they say: every block of code in them is run, with the real `suite`, and prints what they show.
//
//   console       lines `$ COMMAND`, each followed by its output; a comment that ends in `exit N` says how it ends
//   sh bash fish  commands that end well
//   ts            a script that prints what its comments say
//   json toml     a record; a configuration that sets what it says
//   text          drawings: nothing that anybody could type
//
// The blocks of a document share a folder, in their order. `<!-- given … -->` in front of one makes what it needs.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { checkRecords } from "../cli/kit/schema.ts";
import { ROOT, withSuite } from "../support/child.ts";
import { blocksOf, consoleCommands, documents, isAsShown, promisedOutput, type Block } from "../support/documents.ts";
import { temporaryFolder } from "../support/temp.ts";

/** Blocks that are not run here, by document and first line, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "README.md: npx -y bun@1.4.5 run demo": "the second is what runs this test; automation runs the first",
  "docs/building.md: bun install --frozen-lockfile": "verify has done it before, and the last runs this test",
  "docs/building.md: bun run build:native --target linux-arm64-gnu": "minutes; c-arm64 and cross.test.ts build its file half",
  "docs/packaging.md: bun run build": "tests/e2e/compiled.test.ts and packages.test.ts build both",
  "docs/packaging.md: bun add ./dist/npm/suite-linux-x64-gnu-0.0.0.tgz ./dist/npm/suite-0.0.0.tgz":
    "tests/e2e/packages.test.ts installs them, and runs the command by name",
};

const SECONDS = 60;
const dir = temporaryFolder();
const bin = join(dir, "bin");
mkdirSync(bin);
writeFileSync(join(bin, "suite"), `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "cli/main.ts")}" "$@"\n`);
chmodSync(join(bin, "suite"), 0o755);
symlinkSync(process.execPath, join(bin, "bun"));

/** The folder of a document, in which `bun cli/main.ts` is what it is in a checkout. */
function folderOf(file: string): { cwd: string; env: Record<string, string> } {
  const cwd = join(dir, file.replaceAll("/", "-"));
  const home = `${cwd}-home`;
  if (!existsSync(cwd)) {
    for (const path of [cwd, home]) mkdirSync(path);
    symlinkSync(join(ROOT, "cli"), join(cwd, "cli"));
  }
  return { cwd, env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: home, LC_ALL: "C.UTF-8", TMPDIR: dir } };
}

/** Runs a program with a script on its standard input's place, both outputs as one. */
function run(file: string, argv: string[]): { exit: number | null; output: string } {
  const { cwd, env } = folderOf(file);
  const words = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...argv];
  const ended = Bun.spawnSync(words, { cwd, env, stdin: "ignore", timeout: SECONDS * 1000, killSignal: "SIGKILL" });
  return { exit: ended.exitCode, output: ended.stdout.toString() };
}

function runShell(file: string, shell: string, script: string): void {
  const flags = shell === "fish" ? ["-c"] : ["-e", "-c"];
  const { exit, output } = run(file, [shell, ...flags, script]);
  expect({ exit, output }, script).toEqual({ exit: 0, output: expect.any(String) });
}

function runConsole({ file, text }: Block): void {
  const commands = consoleCommands(text);
  expect(commands.length).toBeGreaterThan(0);
  for (const { command, exit, output } of commands) {
    const ended = run(file, ["sh", "-c", command]);
    const lines = ended.output.replace(/\n$/, "").split("\n");
    const printed = ended.output === "" ? [] : lines;
    const same = printed.length === output.length && printed.every((line, i) => isAsShown(line, output[i] ?? ""));
    // Shown as a difference, where there is one.
    if (!same) expect(printed, command).toEqual([...output]);
    expect(ended.exit, `${command}\n${ended.output}`).toBe(exit);
    checkRecords(ended.output);
  }
}

function runTypeScript({ file, line, text }: Block): void {
  const script = `block-${line}.ts`;
  writeFileSync(join(folderOf(file).cwd, script), withSuite(text));
  const promised = promisedOutput(text);
  expect(promised.length, "an example says what it prints").toBeGreaterThan(0);
  expect(run(file, [process.execPath, script])).toEqual({ exit: 0, output: `${promised.join("\n")}\n` });
}

/** Each line of a configuration that is a setting is one that `suite config show` tells of. */
function checkToml({ file, line, text }: Block): void {
  const name = `block-${line}.toml`;
  writeFileSync(join(folderOf(file).cwd, name), text);
  const { exit, output } = run(file, ["suite", "config", "show", "--config", name]);
  expect({ exit, output }).toEqual({ exit: 0, output: expect.any(String) });
  for (const [at, setting] of text.split("\n").entries()) {
    const [, key, value] = /^([\w-]+) *= *(.*?)(?: +#.*)?$/.exec(setting) ?? [];
    if (key !== undefined) expect(output).toMatch(new RegExp(`^${key} = ${value} +# ${name}:${at + 1}$`, "m"));
  }
}

/** What a block would be run as, if its language is known. */
const RUNNERS: Readonly<Record<string, (block: Block) => void>> = {
  console: runConsole,
  sh: ({ file, text }) => runShell(file, "sh", text),
  bash: ({ file, text }) => runShell(file, "bash", text),
  fish: ({ file, text }) => runShell(file, "fish", text),
  ts: runTypeScript,
  json: ({ text }) => checkRecords(text, true),
  toml: checkToml,
  text: ({ text }) => expect(text).not.toMatch(/^\s*(?:\$ |(?:suite|bun|bunx|npx|npm) )/m),
};

const keyOf = ({ file, text }: Block) => `${file}: ${(text.split("\n", 1)[0] ?? "").replace(/ +#.*/, "")}`;
// CONTRIBUTING.md has a test of its own, which builds its example in a copy of the checkout.
const own = documents().filter((file) => file !== "CONTRIBUTING.md");
const blocks = own.flatMap((file) => blocksOf(file));

describe("blocks of code", () => {
  test("are found, and each is run or on the list of those that are not", () => {
    expect(own).toEqual(
      expect.arrayContaining(["README.md", "docs/cli.md", "docs/benchmarks/compare.md", "npm/README.md"]),
    );
    expect(blocks.length).toBeGreaterThan(8);
    const unknown = blocks.filter(({ language }) => !Object.hasOwn(RUNNERS, language));
    expect(
      unknown.map(({ file, line, language }) => `${file}:${line}: "${language}" is nothing that can be run`),
    ).toEqual([]);
    // A list that names what is no longer there hides nothing yet, but it will.
    expect(Object.keys(NOT_RUN).toSorted()).toEqual(
      blocks
        .map(keyOf)
        .filter((key) => Object.hasOwn(NOT_RUN, key))
        .toSorted(),
    );
  });

  for (const block of blocks) {
    const { file, line, language, given } = block;
    if (Object.hasOwn(NOT_RUN, keyOf(block))) continue;
    const missing = (language === "fish" || language === "bash") && Bun.which(language) === null;
    test.skipIf(missing)(`${file}:${line} (${language})`, () => {
      if (given !== "") runShell(file, "sh", given);
      const runner = RUNNERS[language];
      if (!runner) throw new Error(`no way to run ${language}`);
      runner(block);
    });
  }

  test("of other forms are none: a fence may not be indented, or of another sign", () => {
    for (const file of own) {
      const text = readFileSync(join(ROOT, file), "utf8");
      const fences = text.match(/^[ \t>]*(?:`{3,}|~{3,})/gm) ?? [];
      expect({ file, fences: fences.length }).toEqual({ file, fences: 2 * blocksOf(file).length });
      expect(fences.filter((fence) => fence !== "```")).toEqual([]);
    }
  });
});

describe("how blocks are read", () => {
  test("commands, what they print, and how they end", () => {
    const text = "$ a b   # why; exit 1\nx\ny\n$ c # exit 3\n$ d # the exit 3 of it\n\n$ e\n";
    expect(consoleCommands(text)).toEqual([
      { command: "a b   # why; exit 1", exit: 1, output: ["x", "y"] },
      { command: "c # exit 3", exit: 3, output: [] },
      { command: "d # the exit 3 of it", exit: 0, output: [""] },
      { command: "e", exit: 0, output: [] },
    ]);
    expect(() => consoleCommands("x\n$ a\n")).toThrow("no command printed");
  });

  test("what is given belongs to the next block", () => {
    const text = "<!-- given\na\n-->\nwords\n```sh\nb\n```\n```\nc\n```\n<!-- other\n```\n-->";
    expect(blocksOf("x.md", text).map(({ given, language, text, line }) => [given, language, text, line])).toEqual([
      ["a\n", "sh", "b\n", 5],
      ["", "", "c\n", 8],
    ]);
  });

  test("three dots stand for anything, other signs for themselves", () => {
    expect(isAsShown('{"a":1.5,"b":2}', '{"a":1.5,…}')).toBe(true);
    expect(isAsShown("a(b", "a(b")).toBe(true);
    expect(isAsShown("axb", "a.b")).toBe(false);
    expect(isAsShown("ab", "a…c")).toBe(false);
  });
});

test("links between documents lead somewhere", () => {
  for (const file of documents()) {
    const text = readFileSync(join(ROOT, file), "utf8").replaceAll(/^```[^]*?^```$/gm, "");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", heading] = target.split("#");
      const to = path === "" ? file : normalize(join(dirname(file), path));
      expect({ file, target, there: !to.startsWith("..") && existsSync(join(ROOT, to)) }).toEqual({
        file,
        target,
        there: true,
      });
      if (heading === undefined) continue;
      const headings = [...readFileSync(join(ROOT, to), "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
      );
      expect({ file, target, headings }).toEqual({ file, target, headings: expect.arrayContaining([heading]) });
    }
  }
});
