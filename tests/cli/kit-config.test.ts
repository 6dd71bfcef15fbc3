// The command line around the tools: configuration, help, versions, colour, separators.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_CODES, exitCodesMarkdown } from "../../cli/kit/exit.ts";
import { COMMANDS, loadTool } from "../../cli/commands/index.ts";
import { ROOT } from "../support/child.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { isRecord } from "./kit/json.ts";
import { onTerminal, suite } from "./kit/suite.ts";

const dir = temporaryFolder();
makeTree(dir, {
  "home/suite/config.toml": '# mine\ncolor = "never"\n[compare]\njobs = 3\nchunk-size = "64k"\n',
  "named.toml": "[compare]\njobs = 2\n",
  "wrong.toml": "[compare]\n\nchunk-size = 1\n",
  "suite.toml": "[compare]\njobs = 99\n",
  "config.toml": "[compare]\njobs = 99\n",
  "A/one": "1",
  "A/both": "x",
  "A/new\nline": "",
  "B/two": "2",
  "B/both": "y",
});
const env = { XDG_CONFIG_HOME: join(dir, "home"), HOME: dir };
const run = (args: string[], more: Record<string, string> = {}) => suite(args, { cwd: dir, env: { ...env, ...more } });

describe("configuration", () => {
  test("suite config show names the origin of every value", async () => {
    const { code, text, stderr } = await run(["config", "show", "compare", "--config", "named.toml"], {
      SUITE_COMPARE_QUICK_CHECK: "0",
      SUITE_COMPARE_HEADER: "Authorization: Bearer secret",
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const home = join(dir, "home/suite/config.toml");
    expect(text.split("\n").map((line) => line.replaceAll(/ +#/g, " #"))).toEqual([
      `# User configuration: ${home}`,
      "verbose = 0 # default",
      'progress = "auto" # default',
      `color = "never" # ${home}:2`,
      "",
      "[compare]",
      "jobs = 2 # named.toml:2",
      `chunk-size = "64k" # ${home}:5`,
      "size-precheck = true # default",
      "quick-check = false # SUITE_COMPARE_QUICK_CHECK",
      "# exclude is not set",
      "# include is not set",
      "# exclude-from is not set",
      "follow = false # default",
      "one-file-system = false # default",
      "skip-empty-dirs = false # default",
      "one-way = false # default",
      "ignore-case-names = false # default",
      'normalize = "none" # default',
      "# metadata is not set",
      "renames = false # default",
      "rename-limit = 400000 # default",
      'modify-window = "0s" # default',
      'prove = "any" # default',
      "archive = false # default",
      "strip-components = 0 # default",
      "hash-compare = false # default",
      'max-bytes = "1T" # default',
      "max-ratio = 2000 # default",
      "max-entries = 10000000 # default",
      'max-name = "64k" # default',
      "# header is set, and not shown # SUITE_COMPARE_HEADER",
      "# timeout is not set",
      "location = true # default",
      "insecure = false # default",
      "# cacert is not set",
      "# proxy is not set",
      "trust-digest = false # default",
      "allow-private-redirects = false # default",
      "# header-a is not set",
      "# header-b is not set",
      "",
    ]);
  });

  test("with --json each is a record with its value and its origin", async () => {
    const { code, text, stderr } = await run(["config", "show", "compare", "--json", "--config", "named.toml"], {
      SUITE_COMPARE_QUICK_CHECK: "0",
      SUITE_COMPARE_EXCLUDE: "*.o",
      SUITE_COMPARE_MODIFY_WINDOW: "1.5s",
      SUITE_COMPARE_JBOS: "1",
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("SUITE_COMPARE_JBOS sets nothing") });
    const records = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    expect(records.filter((record) => !isRecord(record))).toEqual([]);
    const home = join(dir, "home/suite/config.toml");
    expect(records.pop()).toEqual({ v: 1, type: "summary", exit: 0, settings: records.length, user_config: home });
    const found = (command: string | undefined, key: string) => {
      const all = records.filter((record) => record.command === command && record.key === key);
      expect([command, key, all.length]).toEqual([command, key, 1]);
      const { v, type, command: _, key: __, ...rest } = all[0];
      expect([v, type]).toEqual([1, "setting"]);
      return rest;
    };
    expect(found(undefined, "color")).toEqual({ value: "never", origin: "file", path: home, line: 2 });
    expect(found(undefined, "progress")).toEqual({ value: "auto", origin: "default" });
    expect(found("compare", "color")).toEqual({ value: "never", origin: "file", path: home, line: 2 });
    expect(found("compare", "jobs")).toEqual({ value: 2, origin: "file", path: "named.toml", line: 2 });
    expect(found("compare", "chunk-size")).toEqual({ value: 65536, origin: "file", path: home, line: 5 });
    expect(found("compare", "quick-check")).toEqual({ value: false, origin: "environment", variable: "SUITE_COMPARE_QUICK_CHECK" });
    expect(found("compare", "exclude")).toEqual({ value: ["*.o"], origin: "environment", variable: "SUITE_COMPARE_EXCLUDE" });
    expect(found("compare", "modify-window")).toMatchObject({ value: 1500, origin: "environment" });
    expect(found("compare", "include")).toEqual({ value: [], origin: "default" });
    expect(found("compare", "metadata")).toEqual({ value: null, origin: "default" });
    // What cannot be configured is no setting.
    expect(records.filter(({ key }) => ["json", "quiet", "config", "help"].includes(key))).toEqual([]);
    // The same settings as the text has.
    const shown = (await run(["config", "show", "compare"])).text.matchAll(/^(?:# )?([a-z-]+) (?:=|is not set)/gm);
    expect(new Set(records.map(({ key }) => key))).toEqual(new Set(Array.from(shown, ([, key]) => key)));
  });

  test("with --json all commands, each setting once", async () => {
    const { code, text } = await run(["config", "show", "--json"]);
    expect(code).toBe(0);
    const records = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    expect(records.filter((record) => !isRecord(record))).toEqual([]);
    const names = records.slice(0, -1).map(({ command = "", key }) => `${command}.${key}`);
    expect(new Set(names).size).toBe(names.length);
    for (const name of Object.keys(COMMANDS)) expect(names).toContain(`${name}.color`);
    expect(await run(["config", "show", "--json", "--config", "wrong.toml"])).toMatchObject({ code: 2, text: "" });
  });

  test("SUITE_CONFIG names a file too, and --config is stronger", async () => {
    const jobs = async (...args: string[]) =>
      /^jobs = (\d+)/m.exec((await run(["config", "show", ...args], { SUITE_CONFIG: "suite.toml" })).text)?.[1];
    expect(await jobs()).toBe("99");
    expect(await jobs("--config=named.toml")).toBe("2");
  });

  test("a mistake ends with 2 and names file, line and key", async () => {
    expect(await run(["compare", "--config", "wrong.toml", "A", "B"])).toMatchObject({
      code: 2,
      text: "",
      stderr:
        "suite compare: wrong.toml:3: compare.chunk-size is a size from 4096 to 4194304 bytes, such as 64k or 1MiB, not 1 (E_CONFIG)\n",
    });
    const missing = await run(["compare", "--config", "nowhere.toml", "A", "B"]);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/^suite compare: the configuration nowhere\.toml cannot be read: no such file or directory \(E_CONFIG\)\n$/),
    ]);
  });

  test("help is shown though the configuration is wrong", async () => {
    expect((await run(["compare", "--help"], { SUITE_CONFIG: "wrong.toml" })).code).toBe(0);
  });

  test("a variable that sets nothing is told of by show alone", async () => {
    expect((await run(["config", "show"], { SUITE_COMPARE_JBOS: "1" })).stderr).toBe(
      "suite config: the variable SUITE_COMPARE_JBOS sets nothing; did you mean SUITE_COMPARE_JOBS?\n",
    );
    expect((await run(["compare", "A", "A"], { SUITE_COMPARE_JBOS: "1" })).stderr).toBe("");
  });
});

describe("exit codes", () => {
  test("suite help exit-codes prints all", async () => {
    const { code, text } = await run(["help", "exit-codes"]);
    expect(code).toBe(0);
    for (const row of EXIT_CODES) expect(text).toMatch(new RegExp(`^ +${row.code}  ${row.name} `, "m"));
  });

  test.each(["README.md", "docs/exit-codes.md"])("%s has the same table", (file) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(`${exitCodesMarkdown()}\n`);
  });
});

describe("suite itself", () => {
  test("the list of commands says what their definitions say", async () => {
    const { text } = await run(["--help"]);
    for (const [name, { summary }] of Object.entries(COMMANDS)) {
      const tool = await loadTool(name);
      expect([tool.name, tool.summary]).toEqual([name, summary]);
      expect(text).toContain(summary);
    }
    expect((await run(["help"])).text).toBe(text);
    expect((await run(["help", "compare"])).text).toBe((await run(["compare", "--help"])).text);
  });

  test("--version --verbose says how it was built", async () => {
    const { code, text } = await run(["--version", "--verbose"]);
    expect(code).toBe(0);
    expect(text).toMatch(/^suite \d+\.\d+\.\d+\n {2}bun +\d/);
    expect(text).toMatch(/^ {2}libcore +\d+\.\d+\.\d+, ABI \d+, /m);
    // The executable brings its library with it.
    const from = process.env["UNDER_TEST"] ? /^ {2}loaded from +\/\$bunfs\//m : /^ {2}loaded from +\S+\/release\/libcore\.so$/m;
    expect(text).toMatch(from);
    expect((await run(["compare", "--version", "--verbose"])).text).toBe(text);
    expect((await run(["-V"])).text).toBe((await run(["compare", "--version"])).text);
  });

  test.each([
    [["comapre", "a", "b"], "unknown command comapre; did you mean compare?"],
    [["--verison"], "unknown option --verison; did you mean --version?"],
    [["--verbose", "compare"], "options stand behind the command: suite compare [OPTIONS] ..."],
    [[], "no command given"],
  ])("%j", async (args, message) => {
    const { code, text, stderr } = await run(args);
    expect({ code, text }).toEqual({ code: 2, text: "" });
    expect(stderr).toContain(message);
  });
});

describe("the look of a comparison", () => {
  const lines = ["* both\tcontent_mismatch", "< new\\nline", "< one", "> two", ""];

  test("signs are coloured on a terminal, and only there", async () => {
    const colours = { NO_COLOR: "", XDG_CONFIG_HOME: dir, TERM: "xterm" };
    const { text } = await onTerminal(["compare", "A", "B"], { cwd: dir, env: colours });
    expect(text.split("\n")).toEqual([
      "\x1b[1m*\x1b[22m both  \x1b[2mcontent_mismatch\x1b[22m",
      "\x1b[31m<\x1b[39m new\\nline",
      "\x1b[31m<\x1b[39m one",
      "\x1b[32m>\x1b[39m two",
      "",
    ]);
    const seen = async (args: string[], more: Record<string, string>) =>
      (await onTerminal(["compare", ...args, "A", "B"], { cwd: dir, env: more })).text.split("\n");
    expect(await seen(["--plain"], colours)).toEqual(lines);
    // For people no tab, which would set the reasons at odds with each other.
    const still = lines.map((line) => line.replace("\t", "  "));
    for (const flag of ["--color=never", "--no-color"]) expect(await seen([flag], colours)).toEqual(still);
    expect(await seen([], { ...env, NO_COLOR: "" })).toEqual(still);
    expect((await run(["compare", "A", "B"])).text.split("\n")).toEqual(lines);
    expect((await run(["compare", "--color", "A", "B"])).text).toContain("\x1b[1m*");
  });

  test("-0 ends lines with NUL and leaves names alone", async () => {
    expect((await run(["compare", "-0", "A", "B"])).text).toBe("* both\0< new\nline\0< one\0> two\0");
    expect((await run(["compare", "--null", "A/one", "B/two"])).text).toBe("A/one B/two differ\0");
  });
});
