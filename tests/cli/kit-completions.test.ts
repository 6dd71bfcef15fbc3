// Completions, answered by the shells themselves, and manual pages.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { suite } from "./kit/suite.ts";

const dir = temporaryFolder();
makeTree(dir, { "file one": "", "file-two": "", "sub/x": "" });

async function script(shell: string): Promise<string> {
  const { code, text, stderr } = await suite(["completions", shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const path = join(dir, shell === "zsh" ? "_suite" : `suite.${shell}`);
  writeFileSync(path, text);
  return path;
}

const check = (command: string[]) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd: dir,
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, HOME: dir },
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe("bash", () => {
  const path = script("bash");

  /** What bash offers for a line; words as bash splits them, the last one at the cursor. */
  async function offers(...words: string[]): Promise<string[]> {
    const line = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _suite 2> /dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { exitCode, stdout } = check(["bash", "--norc", "-c", line, "bash", await path, ...words]);
    expect(exitCode).toBe(0);
    return stdout.split("\n").filter((word) => word !== "");
  }

  test.each<[string[], string[]]>([
    [
      ["suite", "com"],
      ["compare", "completions"],
    ],
    [["suite", "compare", "--qu"], ["--quiet"]],
    [["suite", "compare", "--no-q"], ["--no-quick-check"]],
    [["suite-compare", "--chunk"], ["--chunk-size"]],
    [
      ["suite", "compare", "--color", "="],
      ["auto", "always", "never"],
    ],
    [["suite", "compare", "--color", "=", "al"], ["always"]],
    [["suite", "compare", "--jobs", ""], []],
    [
      ["suite", "compare", "--config", "file"],
      ["file one", "file-two"],
    ],
    [
      ["suite", "compare", "-j", "4", "fi"],
      ["file one", "file-two"],
    ],
    [
      ["suite", "compare", "--color", "fi"],
      ["file one", "file-two"],
    ],
    [["suite", "compare", "--", "--qu"], []],
    [["suite", "config", ""], ["show"]],
    [["suite", "config", "--config", "x", "sh"], ["show"]],
    [
      ["suite", "config", "show", "comp"],
      ["compare", "completions"],
    ],
    [["suite", "help", "exit"], ["exit-codes"]],
    [
      ["suite", "completions", ""],
      ["bash", "zsh", "fish"],
    ],
    [["suite", "nonsense", "--"], []],
  ])("%j", async (words, expected) => expect((await offers(...words)).sort()).toEqual([...expected].sort()));
});

describe("on a terminal, when the key is pressed", () => {
  test.each([
    ["bash", ["--norc", "--noprofile"], "source", "compare --chunk-size 4k --color=never file one"],
    ["zsh", ["-f"], "autoload -U compinit; compinit -u -D; source", "compare --chunk-size=4k --color=never file one"],
  ])(
    "%s",
    async (shell, flags, source, got) => {
      if (Bun.which(shell) === null) return;
      let screen = "";
      await using terminal = new Bun.Terminal({
        cols: 200,
        rows: 30,
        data: (_, data) => void (screen += Buffer.from(data).toString()),
      });
      const env = { PATH: process.env["PATH"] ?? "", HOME: dir, PS1: "> ", TERM: "xterm" };
      const child = Bun.spawn([shell, ...flags, "-i"], { cwd: dir, env, terminal });
      const until = async (words: string) => {
        for (let i = 0; i < 1000 && !screen.includes(words); i++) await Bun.sleep(10);
        expect(screen).toContain(words);
      };
      // Not the words that are typed, which the terminal shows too.
      terminal.write(`${source} ${await script(shell)}; suite() { echo got:"$*"; }; echo rea""dy\n`);
      await until("ready");
      terminal.write("suite compare --chu\t4k --color=ne\tfile\\ o\t\n");
      await until(`got:${got}`);
      terminal.write("exit\n");
      await child.exited;
    },
    30_000,
  );
});

describe.each(["zsh", "fish"])("%s", (shell) => {
  test.skipIf(Bun.which(shell) === null)("reads the script", async () => {
    expect(check([shell, "-n", await script(shell)])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });
});

test.skipIf(Bun.which("fish") === null)("fish offers the words", async () => {
  const path = await script("fish");
  const offers = (line: string) =>
    check(["fish", "--no-config", "-c", `source ${path}; complete -C '${line}'`])
      .stdout.split("\n")
      .map((row) => row.split("\t")[0]);
  expect(offers("suite com")).toEqual(expect.arrayContaining(["compare", "completions"]));
  expect(offers("suite compare --chunk")).toContain("--chunk-size");
  expect(offers("suite config ")).toContain("show");
  expect(offers("suite compare --color=a")).toEqual(expect.arrayContaining(["--color=auto", "--color=always"]));
});

test.skipIf(Bun.which("mandoc") === null)("the manual page of every command is good mdoc", async () => {
  for (const name of ["compare", "config", "help", "man", "completions"]) {
    const { code, stdout } = await suite(["man", name]);
    expect(code).toBe(0);
    const lint = Bun.spawn(["mandoc", "-Tlint", "-Wwarning"], { stdin: stdout, stdout: "pipe" });
    expect(await lint.stdout.text()).toBe("");
  }
});
