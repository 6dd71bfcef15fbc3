// No test that runs suite passes when suite prints a line of JSON that is no record.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/child.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { checkRecords } from "./kit/schema.ts";
import { compare, ended, onTerminal, start, suite } from "./kit/suite.ts";

const cwd = makeTree(temporaryFolder(), { a: "one\n", b: "two\n" });
const ENTRY = {
  v: 1,
  type: "entry",
  path: "a",
  status: "different",
  kind: ["file", "file"],
  reasons: [],
  size: [1, 1],
};
const line = (value: unknown) => `${JSON.stringify(value)}\n`;

describe("lines that are no records", () => {
  test.each<[string, string]>([
    ["a field nobody has documented", line({ ...ENTRY, colour: "red" })],
    ["one in a field", line({ ...ENTRY, error: { code: "E_READ", colour: "red" } })],
    ["a type nobody has documented", line({ ...ENTRY, type: "odd" })],
    ["another version", line({ ...ENTRY, v: 2 })],
    ["a field that is missing", line({ ...ENTRY, status: undefined })],
    ["a word that is none", line({ ...ENTRY, status: "odd" })],
    ["a path twice", line({ ...ENTRY, path_b64: "YQ==" })],
    ["half a line", '{"v":1,\n'],
    ["one of many", `${line(ENTRY)}${line({ ...ENTRY, path: 1 })}${line(ENTRY)}`],
  ])("%s", (_, text) => {
    expect(() => checkRecords(text)).toThrow("docs/records.schema.json");
  });

  test("lines of other commands are none, and a last line may be cut off", () => {
    checkRecords(`${line(ENTRY)}* a\tcontent_mismatch\n{ x }\n{"v":1,"ty`);
    expect(() => checkRecords(`${line(ENTRY)}* a\n`, true)).toThrow("docs/records.schema.json");
  });
});

test("every way to run suite looks at its lines", async () => {
  const bad = `printf '{"v":1,"type":"odd"}\\n'`;
  for (const shell of [bad, `${bad} >&2`]) {
    await expect(suite([], { shell })).rejects.toThrow("docs/records.schema.json");
    await expect(compare(["a"], { shell })).rejects.toThrow("docs/records.schema.json");
    await expect(ended(start([], { shell }))).rejects.toThrow("docs/records.schema.json");
    await expect(onTerminal([], { shell })).rejects.toThrow("docs/records.schema.json");
  }
  expect((await compare(["--json", "a", "b"], { cwd })).text.split("\n")).toHaveLength(3);
});

test("no test asks for JSON in another way", () => {
  // Those that are about the schema, or about the words of a command line, and run nothing.
  const others = ["tests/cli/schema.test.ts", "tests/cli/kit/suite.ts"];
  const files = ["cli", "diff", "e2e", "fault"].flatMap((folder) =>
    readdirSync(join(ROOT, "tests", folder), { recursive: true, encoding: "utf8" }).map(
      (name) => `tests/${folder}/${name}`,
    ),
  );
  const asking = files
    .filter((file) => file.endsWith(".ts") && !others.includes(file))
    .filter((file) => readFileSync(join(ROOT, file), "utf8").includes('"--json'));
  expect(asking.length).toBeGreaterThan(3);
  for (const file of asking)
    expect(`${file} ${readFileSync(join(ROOT, file), "utf8")}`).toMatch(
      /kit\/(?:suite|schema)\.ts"|"\.\.?\/kit\.ts"|"\.\/suite\.ts"/,
    );
});
