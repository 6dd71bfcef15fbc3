// Settings: the command line, variables, files and defaults, the strongest first.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { configPaths, userConfigPath } from "../../cli/kit/config-path.ts";
import { readConfigs } from "../../cli/kit/config-file.ts";
import { settingRecords } from "../../cli/kit/config-json.ts";
import { describeOrigin, showSettings, strayVariables } from "../../cli/kit/config-show.ts";
import { settings } from "../../cli/kit/settings.ts";
import { SuiteError } from "../../src/errors.ts";
import { isRecord } from "../cli/kit/json.ts";
import { temporaryFolder } from "../support/temp.ts";
import { toy } from "../support/toy-tool.ts";

const dir = temporaryFolder();
let count = 0;

interface Around {
  given?: Record<string, unknown>;
  env?: Record<string, string>;
  /** Texts of files, the strongest first. */
  toml?: string[];
}

const layers = ({ given = {}, env = {}, toml = [] }: Around) => {
  const paths = toml.map((text) => {
    const path = join(dir, `${count++}.toml`);
    writeFileSync(path, text);
    return path;
  });
  return { given: new Map(Object.entries(given)), env, files: readConfigs(paths), tools: ["toy", "other"] };
};

/** A setting and where it comes from; the folder of the file is left out. */
function get(name: string, around: Around): [unknown, string] {
  const found = settings(toy, layers(around)).get(name);
  if (!found) throw new Error(name);
  return [found.value, describeOrigin(found.origin).replace(/^.*\/\d+\.toml/, "FILE")];
}

function refused(toml: string, env: Record<string, string> = {}): string {
  try {
    settings(toy, layers({ toml: [toml], env }));
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    expect([error.code, error.exitCode]).toEqual(["E_CONFIG", 2]);
    return error.message.replace(/^(the configuration )?\/.*\/\d+\.toml/, "$1FILE");
  }
  throw new Error("nothing was refused");
}

describe("the strongest wins", () => {
  const toml = ['color = "never"\n\n[toy]\njobs = 7\n', "[toy]\njobs = 6\nratio = 2\n"];

  test("flag, variable, named file, user's file, default", () => {
    expect(get("jobs", { given: { jobs: 9 }, env: { SUITE_TOY_JOBS: "8" }, toml })).toEqual([9, "flag"]);
    expect(get("jobs", { env: { SUITE_TOY_JOBS: "8" }, toml })).toEqual([8, "SUITE_TOY_JOBS"]);
    expect(get("jobs", { env: { SUITE_TOY_JOBS: "" }, toml })).toEqual([7, "FILE:4"]);
    expect(get("ratio", { toml })).toEqual([2, "FILE:3"]);
    expect(get("jobs", {})).toEqual([4, "default"]);
  });

  test("what is for one tool is stronger than what is for all", () => {
    expect(get("color", { toml })).toEqual(["never", "FILE:1"]);
    expect(get("color", { toml: ['color = "never"\n[toy]\ncolor = "always"'] })).toEqual(["always", "FILE:3"]);
    expect(get("color", { env: { SUITE_COLOR: "never", SUITE_TOY_COLOR: "always" } })).toEqual(["always", "SUITE_TOY_COLOR"]);
    expect(get("jobs", { env: { SUITE_JOBS: "8" } })).toEqual([4, "default"]);
  });
});

describe("every type", () => {
  test.each<[string, string, unknown]>([
    ["on", "true", true],
    ["cache", "false", false],
    ["depth", "2", 2],
    ["name", '"x"', "x"],
    ["exclude", '["a", "b"]', ["a", "b"]],
    ["exclude", '"a"', ["a"]],
    ["list", '"f"', "f"],
    ["ratio", "1.5", 1.5],
    ["size", '"64k"', 65_536],
    ["size", "65536", 65_536],
    ["wait", '"2m"', 120_000],
    ["wait", "2", 2000],
    ["since", "2026-11-21T02:03:04Z", 1_795_226_584_000_000_000n],
    ["since", '"@1"', 1_000_000_000n],
    ["order", '"none"', "none"],
    ["fields", '["mode", "owner"]', ["mode", "owner"]],
    ["fields", '"mode,owner"', ["mode", "owner"]],
    ["range", '"1:2"', [1, 2]],
  ])("%s = %s", (name, value, result) => expect(get(name, { toml: [`[toy]\n${name} = ${value}\n`] })).toEqual([result, "FILE:2"]));

  test.each<[string, string, unknown]>([
    ["ON", "1", true],
    ["CACHE", "off", false],
    ["DEPTH", "3", 3],
    ["EXCLUDE", "a", ["a"]],
    ["SIZE", "64k", 65_536],
  ])("SUITE_TOY_%s=%s", (name, text, result) =>
    expect(get(name.toLowerCase(), { env: { [`SUITE_TOY_${name}`]: text } })).toEqual([result, `SUITE_TOY_${name}`]),
  );
});

describe("errors name the file, the line and the key", () => {
  test.each([
    ["[toy]\njobs = 0", "FILE:2: toy.jobs is a whole number from 1 to 64, not 0"],
    ['[toy]\n\n# more\njobs = "4"', 'FILE:4: toy.jobs is a whole number from 1 to 64, not "4"'],
    ["[toy]\non = 1", "FILE:2: toy.on is true or false, not 1"],
    ['[toy]\nname = """\na\n"""\nsize = "1x"', 'FILE:5: toy.size is a size, such as 64k or 1MiB, not "1x"'],
    ['[toy]\nexclude = [\n  "a",\n  3,\n]', "FILE:2: toy.exclude is a text, not 3"],
    ['toy = { order = "siez" }', 'FILE:1: toy.order is name, size or none, not "siez"; did you mean size?'],
    ["[toy]\njosb = 3", "FILE:2: unknown key toy.josb; did you mean jobs?"],
    ["[toy]\nno-cache = true", "FILE:2: unknown key toy.no-cache; write cache = false"],
    ["[toy]\nsecret = true", "FILE:2: toy.secret cannot be configured; give it as --secret"],
    ["[toy]\nplain = true", "FILE:2: toy.plain cannot be configured; give it as --plain"],
    ["\njobs = 3", "FILE:2: unknown key jobs; it belongs below [toy]"],
    ["[tyo]\njobs = 3", "FILE:1: unknown key tyo; did you mean toy?"],
    ["plain = true", "FILE:1: plain cannot be configured; give it as --plain"],
    ['colour = "never"', "FILE:1: unknown key colour; did you mean color?"],
    ['color = "nevr"', 'FILE:1: color is auto, always or never, not "nevr"; did you mean never?'],
    ["toy = 3", "FILE:1: toy is a table: [toy]"],
    ["[toy]\njobs = = 3", "FILE:2:8: "],
    ["# a\r\n[toy]\r\n\r\njobs = 0\r\n", "FILE:4: toy.jobs is"],
    ["[toy]\nname = '''\n[x]'\n'''''\nexclude = [ # [\n  \"]\",\n]\njobs = 0", "FILE:8: toy.jobs is"],
    ["[toy]\nratio = inf", "FILE:2: toy.ratio is a number from 0"],
    ["[toy]\njobs = 1\njobs = 2", "FILE:3:1: "],
    ["__proto__ = 1", "FILE:1: unknown key __proto__"],
  ])("%p", (toml, message) => expect(refused(toml)).toStartWith(message));

  test("a table of another tool is left to it", () => {
    expect(get("jobs", { toml: ["[other]\nanything = 1"] })).toEqual([4, "default"]);
  });

  test.each([
    ["SUITE_TOY_JOBS", "x", "SUITE_TOY_JOBS is a whole number from 1 to 64, not x"],
    ["SUITE_TOY_ON", "maybe", "SUITE_TOY_ON is 1 or 0, not maybe"],
    ["SUITE_TOY_ON", "constructor", "SUITE_TOY_ON is 1 or 0, not constructor"],
    ["SUITE_TOY_RATIO", "1e999", "SUITE_TOY_RATIO is a number from 0, not 1e999"],
    ["SUITE_TOY_DEPTH", "-1", "SUITE_TOY_DEPTH is a whole number, not -1"],
    ["SUITE_COLOR", "nope", "SUITE_COLOR is auto, always or never, not nope"],
  ])("%s=%s", (name, text, message) => expect(refused("", { [name]: text })).toStartWith(message));

  test("the line of a setting in a long file is found without reading the file once for each line", () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `key${i} = ${i}\n`);
    expect(refused(`[other]\n${lines.join("")}[toy]\njobs = 0\n`)).toStartWith("FILE:20003: toy.jobs");
  });

  test("a file that is none", () => {
    expect(() => readConfigs([join(dir, "missing.toml")])).toThrow(/missing\.toml cannot be read: no such file/);
    expect(() => readConfigs([dir])).toThrow(/cannot be read: it is a directory/);
    const binary = join(dir, "binary.toml");
    writeFileSync(binary, new Uint8Array([0x61, 0xff, 0x62]));
    expect(() => readConfigs([binary])).toThrow("it is not UTF-8");
    writeFileSync(binary, new Uint8Array(2 ** 20 + 1));
    expect(() => readConfigs([binary])).toThrow("larger than 1 MiB");
  });
});

describe("which files there are", () => {
  test("only absolute places count, so that a working tree is never read", () => {
    expect(userConfigPath({ XDG_CONFIG_HOME: "/x", HOME: "/h" })).toBe("/x/suite/config.toml");
    expect(userConfigPath({ XDG_CONFIG_HOME: "x", HOME: "/h" })).toBe("/h/.config/suite/config.toml");
    expect(userConfigPath({ XDG_CONFIG_HOME: "", HOME: "h" })).toBeUndefined();
    expect(userConfigPath({})).toBeUndefined();
  });

  test("--config is stronger than SUITE_CONFIG, and both are there beside the user's", () => {
    expect(configPaths("a", { SUITE_CONFIG: "b" })).toEqual(["a"]);
    expect(configPaths(undefined, { SUITE_CONFIG: "b" })).toEqual(["b"]);
    expect(configPaths(undefined, { SUITE_CONFIG: "" })).toEqual([]);
  });
});

describe("suite config show", () => {
  test("is TOML that says the same again", async () => {
    const around = layers({ env: { SUITE_TOY_SIZE: "64k", SUITE_COLOR: "never" }, toml: ['[toy]\nfields = ["mode"]\nsince = "2026-11-21T02:03:04.123456789Z"\nrange = "1:2"\nname = "a\\u007f\\t"\n'] });
    const { text } = await showSettings([toy], around);
    expect(text).toMatch(/^color = "never" +# SUITE_COLOR$/m);
    expect(text).toMatch(/^size = "64k" +# SUITE_TOY_SIZE$/m);
    expect(text).toMatch(/^fields = \["mode"\] +# .*\.toml:2$/m);
    expect(text).toMatch(/^wait = "1m30s" +# default$/m);
    expect(text).toMatch(/^# ratio is not set$/m);
    expect(text).not.toContain("secret");
    const value = (layer: Around) => Object.fromEntries([...settings(toy, layers(layer))].map(([name, found]) => [name, found.value]));
    const before = Object.fromEntries([...settings(toy, around)].map(([name, found]) => [name, found.value]));
    expect(value({ toml: [text] })).toEqual(before);
  });

  test("as records: any type of value, and a file whose name is no text", () => {
    const named = Uint8Array.from([0x2f, 0xff]);
    const { files, ...rest } = layers({
      env: { SUITE_TOY_SIZE: "64k", SUITE_TOY_WAIT: "2s", SUITE_TOY_RANGE: "3:4" },
      toml: ['[toy]\nfields = ["mode"]\nsince = 2026-11-21T02:03:04Z\nlist = "a/b"\n'],
    });
    const around = { ...rest, files: files.map((file) => ({ ...file, named })) };
    const records = [...settingRecords([toy], around)];
    expect(records.filter((record) => !isRecord(record))).toEqual([]);
    const found = (key: string) => records.find((record) => record.command === "toy" && record.key === key);
    expect(found("size")).toEqual({ v: 1, type: "setting", command: "toy", key: "size", value: 65536, origin: "environment", variable: "SUITE_TOY_SIZE" });
    expect(found("wait")).toMatchObject({ value: 2000 });
    expect(found("range")).toMatchObject({ value: [3, 4] });
    expect(found("fields")).toMatchObject({ value: ["mode"], origin: "file", path_b64: "L/8=", line: 2 });
    expect(found("fields")).not.toHaveProperty("path");
    expect(found("since")).toMatchObject({ value: expect.stringMatching(/^2026-11-21T02:03:04(\.0+)?Z$/) });
    expect(found("list")).toMatchObject({ value: "a/b" });
    expect(found("name")).toMatchObject({ value: null, origin: "default" });
    expect(found("ratio")).toMatchObject({ value: null });
    expect(found("secret")).toBeUndefined();
  });

  test("a variable that sets nothing is told of", async () => {
    const { variables } = await showSettings([toy], layers({}));
    expect(strayVariables({ SUITE_TOY_JBOS: "3", SUITE_CONFIG: "x", PATH: "/" }, variables)).toEqual([
      "the variable SUITE_TOY_JBOS sets nothing; did you mean SUITE_TOY_JOBS?",
    ]);
  });
});
