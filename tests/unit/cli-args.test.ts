// The strict command line: flags, numbers, sizes, and the bytes of operands.
import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseFlags } from "../../cli/kit/args.ts";
import type { Flags } from "../../cli/kit/flag.ts";
import { SuiteError } from "../../src/index.ts";
import { runCommand, ROOT } from "../support/child.ts";
import { temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();

const options = {
  quiet: { type: "boolean", short: "q" },
  verbose: { type: "boolean", short: "v" },
  "all-entries": { type: "boolean" },
  jobs: { type: "string", short: "j" },
} as const;
const described = (flags: Record<string, object>) =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, description: name }])) as Flags;

function parseAs(flags: Record<string, object>, args: string[]) {
  const { given, operands, error } = parseFlags("tool", args, described(flags));
  if (error) throw error;
  return { flags: Object.fromEntries(given), operands };
}

const parse = (...args: string[]) => parseAs(options, args);
const valueOf = (type: string) => (flag: string, text: string, min: number, max: number) =>
  parseAs({ [flag.slice(2)]: { type, min, max } }, [`${flag}=${text}`]).flags[flag.slice(2)];
const wholeNumber = valueOf("integer");
const size = valueOf("size");

/** The message of the usage error that a call throws. */
function complaintOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(SuiteError);
    expect(error).toMatchObject({ code: "E_USAGE", exitCode: 2 });
    return (error as SuiteError).message;
  }
  throw new Error("nothing was thrown");
}

describe("flags", () => {
  test("long, short, joined and mixed with operands", () => {
    const { flags, operands } = parse("a", "-qv", "--jobs=3", "b", "--all-entries");
    expect({ ...flags }).toEqual({ quiet: true, verbose: true, jobs: "3", "all-entries": true });
    expect(operands).toEqual(["a", "b"]);
    for (const args of [["-j", "3"], ["-j3"], ["--jobs", "3"], ["--jobs=3"]]) {
      expect(parse(...args).flags.jobs).toBe("3");
    }
  });

  test("end at --, and a single - is an operand", () => {
    expect(parse("-q", "--", "--jobs", "-q").operands).toEqual(["--jobs", "-q"]);
    expect(parse("-", "--", "-").operands).toEqual(["-", "-"]);
  });

  test("that are not known are named, with what was meant", () => {
    expect(complaintOf(() => parse("--job", "3"))).toContain("--job; did you mean --jobs?");
    expect(complaintOf(() => parse("--all-entrys"))).toContain("did you mean --all-entries?");
    expect(complaintOf(() => parse("-x"))).toContain("-x");
    expect(complaintOf(() => parse("-qx"))).toContain("-x");
    expect(complaintOf(() => parse("a", "b", "--nonsense"))).toContain("--nonsense");
  });

  test("that want a value and get none, or get one they do not want", () => {
    expect(complaintOf(() => parse("--jobs"))).toContain("--jobs needs a value");
    expect(complaintOf(() => parse("-j"))).toContain("-j needs a value");
    expect(complaintOf(() => parse("--jobs", "--quiet"))).toContain("--jobs needs a value");
    expect(complaintOf(() => parse("--quiet=yes"))).toContain("--quiet takes no value");
  });

  test("no prefix stands for the whole", () => {
    expect(complaintOf(() => parse("--verb"))).toContain("--verb");
    expect(complaintOf(() => parse("--all"))).toContain("--all");
  });
});

describe("whole numbers", () => {
  test("in their range", () => {
    for (const [text, value] of [
      ["0", 0],
      ["7", 7],
      ["007", 7],
      ["100", 100],
    ] as const) {
      expect(wholeNumber("--jobs", text, 0, 100)).toBe(value);
    }
  });

  test.each(["", " 1", "-1", "1.0", "1e1", "0x1", "x", "101", "٣", "99999999999999999999"])("not %p", (text) => {
    const message = complaintOf(() => wholeNumber("--jobs", text, 0, 100));
    expect(message).toContain("--jobs");
    expect(message).toContain("0 to 100");
    expect(message).toEndWith(text);
  });
});

describe("sizes", () => {
  const table: [string, number][] = [
    ["0", 0],
    ["1", 1],
    ["1b", 1],
    ["1.5k", 1536],
    ["1B", 1],
    ["64k", 65_536],
    ["64K", 65_536],
    ["64KiB", 65_536],
    ["64kib", 65_536],
    ["64kB", 64_000],
    ["64KB", 64_000],
    ["3m", 3_145_728],
    ["3MiB", 3_145_728],
    ["3MB", 3_000_000],
    ["2G", 2_147_483_648],
    ["2GiB", 2_147_483_648],
    ["2gb", 2_000_000_000],
    ["1T", 1_099_511_627_776],
    ["1TB", 1_000_000_000_000],
  ];
  test.each(table)("%s is %d", (text, bytes) => {
    expect(size("--chunk-size", text, 0, 2 ** 50)).toBe(bytes);
  });

  test.each(["", "k", "-1", "1.5", "1 k", "1kk", "1i", "1ki", "1x", "0x10", "1e3", "infinity"])(
    "%p is none",
    (text) => {
      expect(complaintOf(() => size("--chunk-size", text, 0, 2 ** 50))).toContain("--chunk-size");
    },
  );

  test("out of range are refused, at either end", () => {
    expect(size("--chunk-size", "4k", 4096, 4 << 20)).toBe(4096);
    expect(size("--chunk-size", "4M", 4096, 4 << 20)).toBe(4 << 20);
    expect(complaintOf(() => size("--chunk-size", "4095", 4096, 4 << 20))).toContain("4096 to 4194304");
    expect(complaintOf(() => size("--chunk-size", "4194305", 4096, 4 << 20))).toContain("not 4194305");
  });
});

describe("operands that are not UTF-8", () => {
  /** The operands, in hexadecimal, of a program that is called with these arguments in the words of printf. */
  async function operandsOf(...args: string[]): Promise<string[]> {
    const script = join(dir, "print.ts");
    writeFileSync(
      script,
      `import { parseFlags } from "${ROOT}/cli/kit/args.ts";
      const flags = { quiet: { type: "boolean", short: "q", description: "" }, jobs: { type: "string", short: "j", description: "" } };
      const { operands } = parseFlags("tool", process.argv.slice(2), flags);
      console.log(operands.map((o) => (typeof o === "string" ? "text " : "bytes ") + Buffer.from(o).toString("hex")).join());`,
    );
    const words = args.map((arg) => `"$(printf -- '${arg}')"`).join(" ");
    const ended = await runCommand(["sh", "-c", `"$0" "$1" ${words}`, process.execPath, script]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return ended.stdout.slice(0, -1).split(",");
  }

  test("arrive as the bytes they are, wherever they stand", async () => {
    expect(await operandsOf("\\377", "b")).toEqual(["bytes ff", "text 62"]);
    expect(await operandsOf("a", "x\\376y")).toEqual(["text 61", "bytes 78fe79"]);
    expect(await operandsOf("-q", "\\377", "-j", "3", "\\376")).toEqual(["bytes ff", "bytes fe"]);
    expect(await operandsOf("-j3", "--", "-\\377")).toEqual(["bytes 2dff"]);
    expect(await operandsOf("a", "\\377", "-j", "3")).toEqual(["text 61", "bytes ff"]);
    expect(await operandsOf("\\377", "--quiet", "")).toEqual(["bytes ff", "text "]);
  });

  test("a real U+FFFD stays what it is", async () => {
    expect(await operandsOf("\\357\\277\\275")).toEqual(["bytes efbfbd"]);
  });

  test("are what is opened", async () => {
    mkdirSync(join(dir, "names"));
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/names/`), Buffer.from([0xff])]), "same");
    writeFileSync(join(dir, "names/b"), "same");
    const command = `cd "$2" && "$0" "$1" compare "$(printf '\\377')" b`;
    const ended = await runCommand([
      "sh",
      "-c",
      command,
      process.execPath,
      join(ROOT, "cli/main.ts"),
      join(dir, "names"),
    ]);
    expect(ended).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });
});
