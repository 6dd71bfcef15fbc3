// What a person sees of a comparison on a terminal: the screen itself, through a terminal emulator.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { perform, screenText, type Scene } from "../../scripts/pictures/screen.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { withoutPrivileges } from "./kit/rights.ts";
import { compare, SUITE } from "./kit/suite.ts";

const cwd = temporaryFolder();
// Others than its owner look at it too.
chmodSync(cwd, 0o755);
const HOME = { HOME: cwd, XDG_CONFIG_HOME: cwd };

makeTree(join(cwd, "left"), { "dir/same": "1", long: "1", text: "one\n", mine: "1", zero: "" });
makeTree(join(cwd, "right"), { "dir/same": "1", long: "12", text: "two\n", "theirs/a": "1", "theirs/b": "1", zero: "" });

async function see(args: readonly string[], more: Partial<Scene> = {}) {
  const scene: Scene = { command: [...SUITE, "compare", ...args], columns: 80, cwd, ...more, env: { ...HOME, ...more.env } };
  const { screen, received, exit } = await perform(scene);
  return { text: screenText(screen), screen, received, exit };
}

describe("the end of a comparison", () => {
  test("of trees is a line of counts below the differences", async () => {
    const { text, exit } = await see(["left", "right"]);
    expect({ text, exit }).toEqual({
      text: "* long  size_mismatch\n< mine\n* text  content_mismatch\n> theirs/  2 entries\n2 different, 1 only in A, 3 only in B, 3 the same\n",
      exit: 1,
    });
  });

  test("of what is the same says so", async () => {
    expect((await see(["left", "left"])).text).toBe("the same: 6 entries\n");
    expect((await see(["left/text", "left/text"])).text).toBe("the same: 4 B\n");
  });

  test("of two files that differ is the line of cmp alone", async () => {
    expect((await see(["left/text", "right/text"])).text).toBe("left/text right/text differ: byte 1, line 1\n");
  });

  test("tells that not all was shown", async () => {
    expect((await see(["--limit", "1", "left", "right"])).text).toBe("* long  size_mismatch\n2 different, 1 only in A, 3 only in B, 3 the same (the first 1 shown)\n");
  });

  test.each([["-q"], ["--no-progress"], ["--json"], ["--plain"], ["-0"]])("has no counts with %s", async (flag) => {
    expect((await see([flag, "left", "right"])).text).not.toContain("the same");
  });

  test("has none where standard output or standard error is no terminal", async () => {
    expect((await compare(["left", "left"], { cwd, env: HOME })).stderr).toBe("");
    const piped = ["sh", "-c", '"$@" | cat', "sh", ...SUITE, "compare", "left", "right"];
    expect((await see([], { command: piped })).text).not.toContain("the same");
    const redirected = ["sh", "-c", '"$@" 2>errors', "sh", ...SUITE, "compare", "left", "right"];
    expect((await see([], { command: redirected })).text).not.toContain("the same");
  });
});

describe("looks", () => {
  test("are in the sign and behind the path; the path itself is left alone", async () => {
    const { screen } = await see(["--all-entries", "left", "right"]);
    const [equal, different, only] = ["=", "*", "<"].map((sign) => screen.lines.find(([piece]) => piece?.text === sign));
    expect(equal?.[0]).toMatchObject({ dim: true, colour: undefined });
    expect(different?.map(({ text, bold, dim }) => [text.trim(), bold, dim])).toEqual([["*", true, false], ["long", false, false], ["size_mismatch", false, true]]);
    expect(only?.map(({ text, colour }) => [text.trim(), colour])).toEqual([["<", 1], ["mine", undefined]]);
  });

  test.each([
    ["NO_COLOR", [], { NO_COLOR: "1" }],
    ["TERM=dumb", [], { TERM: "dumb" }],
    ["--color=never", ["--color=never"], {}],
    ["--no-color", ["--no-color"], { FORCE_COLOR: "1" }],
    ["--plain", ["--plain", "--color=always"], {}],
    ["the configuration", [], { SUITE_COLOR: "never" }],
  ])("%s: none", async (_, args, env) => {
    const { received } = await see([...args, "--no-progress", "left", "right"], { env });
    expect(received).toContain("* long");
    expect(received).not.toContain("\x1b");
  });

  test("--color=always colours a pipe too, with the form of a pipe", async () => {
    const { text } = await compare(["--color=always", "left", "right"], { cwd, env: { ...HOME, NO_COLOR: "1" } });
    expect(text).toContain("\x1b[1m*\x1b[22m long\t\x1b");
  });

  test("messages stand behind the lines they are about", async () => {
    makeTree(join(cwd, "a"), { x: "1", y: "1", z: "1" });
    makeTree(join(cwd, "b"), { x: "2", y: "1", z: "2" });
    chmodSync(join(cwd, "b/y"), 0);
    const { text } = await see([], { command: [...withoutPrivileges(), ...SUITE, "compare", "--no-progress", "a", "b"] });
    expect(text).toBe("* x  content_mismatch\n! y  E_PERMISSION\nsuite compare: y: open right side: Permission denied (E_PERMISSION)\n* z  content_mismatch\n");
  });
});

describe("progress", () => {
  /** Waits half way, for as long as it takes to look. */
  const SLOWLY = '{ head -c 3000000 /dev/zero; sleep 600; } | "$@"';
  const slowly = (args: readonly string[]) => ["sh", "-c", SLOWLY, "sh", ...SUITE, "compare", ...args];
  mkdirSync(join(cwd, "sparse"));
  for (const name of ["one", "two"]) {
    makeTree(cwd, { [`sparse/${name}`]: "" });
    truncateSync(join(cwd, "sparse", name), 2 ** 40);
  }

  test.each([80, 40, 12])("is one line on %d columns", async (columns) => {
    const { text } = await see([], { command: slowly(["-", "sparse/one"]), columns, until: /iB(?:.*iB){9}/s });
    expect(text).toMatch(/^[\d.]+ MiB(?: {2}[\d.]+ [KMG]iB\/s)?\n$/);
    expect(text.length).toBeLessThan(columns + 1);
  });

  test("of two files has share, bytes, rate and time to go, and no count", async () => {
    const { text } = await see(["--prove=bytes", "sparse/one", "sparse/two"], { until: /ETA/ });
    expect(text).toMatch(/^ {2}0% {2}[\d.]+ [MG]iB of 2\.0 TiB {2}[\d.]+ [MG]iB\/s {2}ETA [\d:]+\n$/);
  });

  test("of trees has no share and no time to go while it is not known what is left", async () => {
    const tree = (side: string) => {
      makeTree(join(cwd, side), { a: "", b: "", c: "" });
      for (const name of ["a", "b", "c"]) truncateSync(join(cwd, side, name), 2 ** 40);
    };
    tree("L");
    tree("R");
    const { text } = await see(["--prove=bytes", "-j1", "L", "R"], { until: /iB(?:.*iB){3}/s });
    expect(text).toMatch(/^[\d.]+ [MG]iB(?: {2}[\d.]+ [MG]iB\/s)? {2}0 of 3 entries\n$/);
  });

  test("follows the width of the window", async () => {
    let text = "";
    const seen = Promise.withResolvers<void>();
    const narrow = Promise.withResolvers<void>();
    const width = { columns: 80 };
    await using terminal = new Bun.Terminal({
      cols: 80,
      rows: 24,
      data(line, data) {
        text += Buffer.from(data).toString();
        const lines = text.split("\r");
        if (width.columns === 80 && lines.some((drawn) => drawn.includes("MiB/s"))) {
          width.columns = 9;
          line.resize(9, 24);
          text = "";
          seen.resolve();
          // What was drawn before that is not looked at: all but the fourth line from now on.
        } else if (width.columns === 9 && lines.length > 4) narrow.resolve();
      },
    });
    const child = Bun.spawn(slowly(["-", "sparse/one"]), { cwd, env: { ...process.env, ...HOME, TERM: "xterm" }, terminal, detached: true });
    await seen.promise;
    await narrow.promise;
    process.kill(-child.pid);
    await child.exited;
    expect(text.split("\r")[4]?.replace("\x1b[K", "").length).toBeLessThan(9);
  });

  test("leaves nothing behind, and is never seen as an empty line in between", async () => {
    const short = SLOWLY.replace("sleep 600", "sleep 1").replace("3000000", "1000");
    makeTree(cwd, { thousand: "\0".repeat(1000) });
    const { text, received } = await see([], { command: ["sh", "-c", short, "sh", ...SUITE, "compare", "-", "thousand"] });
    expect(text).toBe("the same: 1.0 KiB\n");
    // Each frame is written over the last one, and clears what is left of it.
    const frames = received.replaceAll("\x1b[K", "<clear>");
    expect(frames.match(/\r<clear>/g)).toHaveLength(1);
    expect(frames.match(/\r[^\r\n<]*B[^\r\n<]*<clear>/g)?.length).toBeGreaterThan(2);
  });
});
