/**
 * Asks the C compiler for what only it knows: sizes, offsets and the values of
 * enumerators. A program that includes the header prints them as JSON.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { HeaderError, type Header } from "./model.ts";
import type { UnmeasuredHeader } from "./parse.ts";
import { compiler } from "./preprocess.ts";

/** What the probe prints. */
interface Layout {
  abi: number;
  structs: Record<
    string,
    { size: number; fields: Record<string, [offset: number, size: number]> }
  >;
  enums: Record<string, Record<string, number>>;
}

/** Fills sizes, offsets and values in. `path` is where the header lies. */
export function measure(header: UnmeasuredHeader, path: string): Header {
  const layout = runProbe(probeSource(header, resolve(path)));
  for (const struct of header.structs) {
    const measured = layout.structs[struct.name];
    if (!measured) throw new Error(`the probe left out struct ${struct.name}`);
    struct.size = measured.size;
    for (const field of struct.fields) {
      [field.offset, field.size] = measured.fields[field.name] ?? [-1, -1];
      if (field.type.kind === "int" && field.size !== field.type.bits / 8) {
        throw new HeaderError(
          header.file,
          field.line,
          `${field.name} has ${field.size} bytes`,
        );
      }
    }
  }
  for (const item of header.enums) {
    for (const value of item.values)
      value.value = layout.enums[item.name]?.[value.name] ?? NaN;
  }
  return { ...header, abiVersion: layout.abi };
}

/** The C program, exported for the test that compares it with an independent one. */
export function probeSource(header: UnmeasuredHeader, path: string): string {
  const structs = header.structs.map((struct) => {
    const of = `struct ${struct.name}`;
    const fields = struct.fields.map(
      ({ name }) =>
        `  pair("${name}", offsetof(${of}, ${name}), sizeof(((${of} *)0)->${name}));`,
    );
    return `  open("${struct.name}"); size(sizeof(${of}));\n${fields.join("\n")}\n  close2();`;
  });
  const enums = header.enums.map((item) => {
    const values = item.values.map(
      ({ name }) => `  value("${name}", (long long)${name});`,
    );
    return `  open("${item.name}");\n${values.join("\n")}\n  close1();`;
  });
  return `#include <stddef.h>
#include <stdio.h>
#include "${path}"
static const char *sep = "";
static void open(const char *name) { printf("%s\\n\\"%s\\":{", sep, name); sep = ""; }
static void size(size_t n) { printf("\\"size\\":%zu,\\"fields\\":{", n); }
static void pair(const char *name, size_t at, size_t n) { printf("%s\\"%s\\":[%zu,%zu]", sep, name, at, n); sep = ","; }
static void value(const char *name, long long n) { printf("%s\\"%s\\":%lld", sep, name, n); sep = ","; }
static void close1(void) { printf("}"); sep = ","; }
static void close2(void) { printf("}}"); sep = ","; }
int main(void) {
  (void)size; (void)pair; (void)value; (void)close1; (void)close2; (void)open;
  printf("{\\"abi\\":%lld,\\"structs\\":{", (long long)CORE_ABI_VERSION);
${structs.join("\n")}
  sep = "";
  printf("},\\"enums\\":{");
${enums.join("\n")}
  printf("}}\\n");
  return 0;
}
`;
}

function runProbe(source: string): Layout {
  const dir = mkdtempSync(join(tmpdir(), "gen-bindings-"));
  try {
    const c = join(dir, "probe.c");
    const exe = join(dir, "probe");
    writeFileSync(c, source);
    run([...compiler(), "-std=c17", "-o", exe, c]);
    return JSON.parse(run([exe])) as Layout;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function run(argv: string[]): string {
  const done = Bun.spawnSync(argv);
  if (done.exitCode !== 0)
    throw new Error(`${argv.join(" ")} failed:\n${done.stderr.toString()}`);
  return done.stdout.toString();
}
