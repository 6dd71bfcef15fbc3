// The strict parser, through a tool that has every type of flag.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseFlags } from "../../cli/kit/args.ts";
import { checkOperands } from "../../cli/kit/operand.ts";
import { SuiteError } from "../../src/errors.ts";
import { rootFlags } from "../../cli/kit/root-help.ts";
import { toy } from "../support/toy-tool.ts";

const parse = (...args: string[]) => {
  const { given, operands, error } = parseFlags(toy.name, args, toy.flags);
  if (error) throw error;
  return { ...Object.fromEntries(given), _: operands };
};

function refused(...args: string[]): string {
  try {
    const { operands, error } = parseFlags(toy.name, args, toy.flags);
    if (error) throw error;
    checkOperands(toy, operands);
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    expect([error.code, error.exitCode]).toEqual(["E_USAGE", 2]);
    return error.message;
  }
  throw new Error("nothing was refused");
}

describe("every type of flag", () => {
  test.each<[string[], Record<string, unknown>]>([
    [["--on"], { on: true }],
    [["-o"], { on: true }],
    [["--no-cache"], { cache: false }],
    [["--no-cache", "--cache"], { cache: true }],
    [["--no-links"], { links: false }],
    [["-dd", "-d", "--depth"], { depth: 4 }],
    [["-odd"], { on: true, depth: 2 }],
    [["--name", "x"], { name: "x" }],
    [["--title=x=y"], { name: "x=y" }],
    [["-nx"], { name: "x" }],
    [["-on", "x"], { on: true, name: "x" }],
    [["--name=-x"], { name: "-x" }],
    [["--name", "-"], { name: "-" }],
    [["-x", "a", "--exclude=b", "-xc"], { exclude: ["a", "b", "c"] }],
    [["-f", "näme"], { list: "näme" }],
    [["-j8"], { jobs: 8 }],
    [["--jobs", "1", "--jobs=2"], { jobs: 2 }],
    [["--ratio", "1.5e2"], { ratio: 150 }],
    [["--size=1.5k"], { size: 1536 }],
    [["--wait", "1h30m"], { wait: 5_400_000 }],
    [["--since", "@1"], { since: 1_000_000_000n }],
    [["--order", "size"], { order: "size" }],
    [["--when", "x"], { when: "always", _: ["x"] }],
    [["--when=auto"], { when: "auto" }],
    [["--no-when"], { when: "auto" }],
    [["--fields=mode,mtime,mode"], { fields: ["mode", "mtime"] }],
    [["--range", "3:4"], { range: [3, 4] }],
    [["--secret"], { secret: true }],
    [["-q", "-0", "-vv"], { quiet: true, null: true, verbose: 2 }],
    [["a", "--on", "b", "--", "--on", "-"], { on: true, _: ["a", "b", "--on", "-"] }],
    [["-", ""], { _: ["-", ""] }],
  ])("%p", (args, values) => expect(parse(...args)).toEqual({ _: [], ...values }));
});

describe("every error says what to do", () => {
  test.each([
    [["--jbos", "3"], "unknown option --jbos; did you mean --jobs?"],
    [["--exlcude=x"], "unknown option --exlcude; did you mean --exclude?"],
    [["--excl=x"], "unknown option --excl; did you mean --exclude?"],
    [["--no-cahce"], "unknown option --no-cahce; did you mean --no-cache?"],
    [["--no-on"], "unknown option --no-on; did you mean --on?"],
    [["--zzzzzzzzzz"], "unknown option --zzzzzzzzzz; see suite toy --help"],
    [["--secert"], "unknown option --secert; see suite toy --help"],
    [["-O"], "unknown option -O; did you mean -o?"],
    [["-Z"], "unknown option -Z; see suite toy --help"],
    [["-w"], "unknown option -w; did you mean --wait or --when?"],
    [["-jx"], "--jobs is a whole number from 1 to 64, not x"],
    [["--colour=never"], "unknown option --colour; did you mean --color?"],
    [["--order=abc"], "--order is name, size or none, not abc"],
    [["-exclude", "x"], "unknown option -e; did you mean --exclude?"],
    [["-jobs"], "--jobs is a whole number from 1 to 64, not obs; did you mean --jobs?"],
    [["-o😀"], "unknown option -😀; see suite toy --help"],
    [["--jobs"], "--jobs needs a value; see suite toy --help"],
    [["-j"], "-j needs a value; see suite toy --help"],
    [["--jobs", "--on"], "--jobs needs a value; one that begins with a dash is written --jobs=--on"],
    [["--on=yes"], "--on takes no value; see suite toy --help"],
    [["--no-when=auto"], "--no-when takes no value; see suite toy --help"],
    [["--jobs=0"], "--jobs is a whole number from 1 to 64, not 0"],
    [["--jobs="], "--jobs is a whole number from 1 to 64, not empty"],
    [["--jobs=1.5"], "--jobs is a whole number from 1 to 64, not 1.5"],
    [["--ratio=-1"], "--ratio is a number from 0, not -1"],
    [["--size=12x"], "--size is a size, such as 64k or 1MiB, not 12x"],
    [["--wait=2 days"], "--wait is a length of time up to 1d, such as 90s or 1h30m, not 2 days"],
    [["--since=soon"], "--since is a date, such as 2026-11-21, 2026-11-21T02:03Z or 2 days ago, not soon"],
    [["--order=siez"], "--order is name, size or none, not siez; did you mean size?"],
    [["--fields=mode,onwer"], "--fields is a list with commas of mode, owner or mtime, not mode,onwer; did you mean owner?"],
    [["--range=a"], "--range is an offset, or two with a colon, not a"],
    [["--name="], "--name is a text, not empty"],
    [[], "takes at least one operand, not 0; see suite toy --help"],
    [["fecth"], "ACTION is fetch or store, not fecth; did you mean fetch?"],
  ])("%p", (args, message) => expect(refused(...args)).toBe(message));

  test("a surplus operand", () => {
    expect(() => checkOperands({ name: "two", operands: [{ name: "A" }, { name: "B" }] }, ["a", "b", "c"])).toThrow(
      "takes two operands, not 3; see suite two --help",
    );
    const some = [{ name: "A" }, { name: "B", optional: true }];
    expect(() => checkOperands({ name: "some", operands: some }, [])).toThrow("takes at least one operand, not 0; see suite some --help");
    expect(() => checkOperands({ name: "some", operands: some }, ["a", "b", "c"])).toThrow("takes up to two operands, not 3; see suite some --help");
  });

  test("a word that was meant to be the value of an option whose value needs the equals sign", () => {
    const { operands, hint } = parseFlags(toy.name, ["--when", "always", "a"], toy.flags);
    expect({ operands, hint }).toEqual({ operands: ["always", "a"], hint: "a value of --when is written --when=always" });
    expect(() => checkOperands({ name: "one", operands: [{ name: "A" }] }, operands, hint)).toThrow(`takes one operand, not 2; ${hint}`);
    expect(parseFlags(toy.name, ["--when", "a"], toy.flags).hint).toBeUndefined();
  });

  test("without a command", () => {
    expect(() => {
      const { error } = rootFlags(["-j4", "compare"]);
      if (error) throw error;
    }).toThrow("unknown option -j; see suite --help");
  });
});

test("help is shown whatever else is wrong", () => {
  for (const args of [["--nonsense", "-h"], ["--jobs", "x", "--help"], ["-h", "--nonsense"]]) {
    expect(parseFlags(toy.name, args, toy.flags).given.get("help")).toBe(true);
  }
  expect(parseFlags(toy.name, ["--nonsense", "--", "-h"], toy.flags).given.has("help")).toBe(false);
});

test("no command line breaks the parser, and operands are never lost", () => {
  const word = fc.oneof(fc.string(), fc.constantFrom("--", "-", "--on", "-j", "--jobs=3", "-x", "--no-cache", "--when", "-d"));
  fc.assert(
    fc.property(fc.array(word), (args) => {
      const { error, operands } = parseFlags(toy.name, args, toy.flags);
      if (error) return error instanceof SuiteError && error.code === "E_USAGE";
      return operands.every((operand) => args.includes(String(operand)));
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }).filter((name) => !name.includes("\ufffd"))), (names) => {
      const { operands, error } = parseFlags(toy.name, ["--", ...names], toy.flags);
      expect(error).toBeUndefined();
      expect(operands).toEqual(names);
    }),
  );
});
