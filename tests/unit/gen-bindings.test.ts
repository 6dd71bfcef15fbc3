/** The generator: drift, what it refuses, and whether C agrees with the layouts it writes. */
import { afterAll, describe, expect, test } from "bun:test";
import { dlopen, suffix as libSuffix } from "bun:ffi";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHeader } from "../../scripts/bindings/generate.ts";
import { structNamed, type Header } from "../../scripts/bindings/model.ts";
import { compiler } from "../../scripts/bindings/preprocess.ts";
import { recordShapes } from "../../scripts/bindings/shape.ts";
import * as layout from "../../src/ffi/layout.gen.ts";
import { symbols } from "../../src/ffi/symbols.gen.ts";

const ROOT = join(import.meta.dir, "../..");
const HEADER = join(ROOT, "libcore/include/core.h");
const MAX = 0xffff_ffff_ffff_ffffn;

const dir = mkdtempSync(join(tmpdir(), "gen-bindings-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const header = await readHeader(HEADER, "core.h");

/** Parses a header of these lines, which stand from line 3 on. */
function fixture(lines: string): Promise<Header> {
  const path = join(dir, `${Bun.hash(lines)}.h`);
  writeFileSync(path, `#include <stdint.h>\n#define CORE_ABI_VERSION 1\n${lines}\n`);
  return readHeader(path, "fixture.h");
}

function cc(args: string[]): void {
  const run = Bun.spawnSync([...compiler(), ...args]);
  expect(run.stderr.toString()).toBe("");
  expect(run.exitCode).toBe(0);
}

describe("gen-bindings", () => {
  test("the committed files fit the header", () => {
    const run = Bun.spawnSync([process.execPath, "scripts/gen-bindings.ts", "--check"], { cwd: ROOT });
    expect(run.stderr.toString()).toBe("");
    expect(run.exitCode).toBe(0);
  });

  test("--check names drifted files and the command", () => {
    const copy = join(dir, "tree");
    mkdirSync(join(copy, "libcore/include"), { recursive: true });
    cpSync(HEADER, join(copy, "libcore/include/core.h"));
    cpSync(join(ROOT, "scripts/bindings"), join(copy, "scripts/bindings"), {
      recursive: true,
    });
    cpSync(join(ROOT, "scripts/gen-bindings.ts"), join(copy, "scripts/gen-bindings.ts"));
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const gen = (...args: string[]) =>
      Bun.spawnSync([process.execPath, "scripts/gen-bindings.ts", ...args], {
        cwd: copy,
      });

    expect(gen("--check").exitCode).toBe(1);
    expect(gen().exitCode).toBe(0);
    expect(gen("--check").exitCode).toBe(0);
    expect(gen().stdout.toString()).toBe("");
    writeFileSync(join(copy, "src/errors.gen.ts"), "// edited\n");
    const drift = gen("--check");
    expect(drift.exitCode).toBe(1);
    expect(drift.stderr.toString()).toBe(
      "src/errors.gen.ts does not fit libcore/include/core.h\nrun: bun scripts/gen-bindings.ts\n",
    );
    expect(readFileSync(join(copy, "src/errors.gen.ts"), "utf8")).toBe("// edited\n");
    expect(gen("--chekc").exitCode).toBe(2);
  });
});

describe("the ABI subset", () => {
  test.each<[string, string, number, string]>([
    ["a struct by value", "struct s { uint32_t a; };\nint32_t core_f(struct s by_value);", 4, "by value"],
    ["a returned struct", "struct s { uint32_t a; };\nstruct s core_f(void);", 4, "by value"],
    ["variable arguments", "\nint32_t core_f(uint32_t n, ...);", 4, "variable arguments"],
    ["a callback parameter", "int32_t core_f(\n  void (*done)(int32_t));", 4, "callback"],
    ["a callback member", "struct s {\n  uint32_t a;\n  void (*done)(void);\n};", 5, "callback"],
    ["a bitfield", "struct s {\n  uint32_t a : 3;\n};", 4, "bitfield"],
    ["long", "int32_t core_f(unsigned long n);", 3, "unsigned long"],
    ["size_t", "#include <stddef.h>\nint32_t core_f(size_t n);", 4, "size_t"],
    ["char *", "int32_t core_f(const char *s);", 3, "char*"],
    ["void *", "int32_t core_f(void *s);", 3, "void*"],
    ["a handle by value", "typedef struct core_x core_x;\nint32_t core_f(core_x x);", 4, "by value"],
    ["a typedef that is no handle", "typedef uint32_t core_x;", 3, "opaque handles only"],
    ["an array", "struct s { uint8_t digest[32]; };", 3, "arrays"],
    ["an enum member", "enum e { CORE_E_A = 1 };\nstruct s { enum e a; };", 4, "does not cross"],
    ["a union", "union u { uint32_t a; };", 3, "union"],
    ["a variable", "extern uint32_t core_v;", 3, "extern"],
    ["a 64-bit result", "uint64_t core_f(void);", 3, "64 bits"],
    ["a returned pointer", "uint8_t *core_f(void);", 3, "return"],
    ["()", "int32_t core_f();", 3, "(void)"],
    ["an unnamed parameter", "int32_t core_f(uint32_t);", 3, "names"],
    ["an enumerator without a value", "enum e {\n  CORE_E_A,\n};", 4, "explicit value"],
    ["a macro that expands to something else", "#define LEN long\n\n\nint32_t core_f(LEN n);", 6, "long"],
    ["what is not C", "int32_t core_f(void);\nint32_t core_g(void;\n", 4, "not understood"],
  ])("refuses %s", async (_, lines, line, message) => {
    const error = await fixture(lines).then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error?.message).toStartWith(`fixture.h:${line}: `);
    expect(error?.message).toContain(message);
  });

  const REC =
    "/** @bytes */\nstruct core_str { uint32_t off; uint32_t len; };\nstruct core_rec { uint32_t bytes; uint32_t type; };\nenum core_rec_type { CORE_REC_X = 1 };\n/** @record x 1 */\nstruct core_rec_x {\n  struct core_rec head;\n";
  test.each<[string, string, string]>([
    ["an unknown tag", "/** @jsom a */\nuint32_t a;", "unknown tag @jsom"],
    ["an unknown enum", "/** @json a @of core_y */\nuint32_t a;", "no enum core_y"],
    ["optional without @absent", "/** @json a? */\nuint32_t a;", "needs @absent"],
    ["@absent out of range", "/** @json a? @absent 256 */\nuint8_t a;", "not a number of this field"],
    ["half a tuple", "/** @json a[0] */\nuint32_t a;", "a[1] is missing"],
    ["a tuple from its end", "/** @json a[1] */\nuint32_t a;", "does not fit"],
    ["a name twice", "/** @json a */\nuint32_t a;\n/** @json a */\nuint32_t b;", "already"],
    ["a pointer", "/** @json a */\nuint8_t *a;", "pointer in a record"],
    ["numbers that are left out", "/** @json a? @numbers */\nstruct core_str a;", "never left out"],
  ])("refuses %s in a record", async (_, member, message) => {
    const parsed = fixture(`${REC}${member}\n};`).then(recordShapes);
    const error = await parsed.then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error?.message).toMatch(/^fixture\.h:\d+: /);
    expect(error?.message).toContain(message);
  });

  test("a doc comment belongs to what stands directly below it", async () => {
    const parsed = await fixture(
      "/** Of a macro. */\n#define X 1\n\nint32_t core_f(void);\n/** Of g. */\nint32_t core_g(void);",
    );
    expect(parsed.functions.map((f) => f.doc.text)).toEqual(["", "Of g."]);
  });
});

describe("layout", () => {
  test("sizes, offsets and values are the compiler's", () => {
    const lines = header.structs.flatMap((s) => [
      `_Static_assert(sizeof(struct ${s.name}) == ${s.size}, "");`,
      ...s.fields.map((f) => `_Static_assert(offsetof(struct ${s.name}, ${f.name}) == ${f.offset}, "");`),
    ]);
    const values = header.enums.flatMap((e) => e.values.map((v) => `_Static_assert(${v.name} == ${v.value}, "");`));
    const path = join(dir, "layout.c");
    writeFileSync(path, ["#include <stddef.h>", `#include "${HEADER}"`, ...lines, ...values].join("\n"));
    cc(["-std=c17", "-fsyntax-only", path]);
    expect<readonly string[]>(layout.STRUCT_NAMES).toEqual(header.structs.map((s) => s.name));
    expect(layout.STRUCT_SIZES).toEqual(header.structs.map((s) => s.size));
    expect(layout.ABI_VERSION).toBe(header.abiVersion);
  });

  test("structs.gen.h lists the same structs", () => {
    const path = join(dir, "structs.c");
    const sizes = header.structs.map((s) => s.size).join(", ");
    writeFileSync(
      path,
      `#include <stdio.h>\n#include "${HEADER}"\n#include "${join(ROOT, "libcore/src/api/structs.gen.h")}"
#define X(name) (unsigned)sizeof(struct name),
int main(void) { unsigned all[] = {CORE_STRUCTS(X)}, want[] = {${sizes}};
if (sizeof all != sizeof want) return 1;
for (unsigned i = 0; i < sizeof all / sizeof *all; i++) if (all[i] != want[i]) return 2;
return 0; }\n`,
    );
    cc(["-o", join(dir, "structs"), path]);
    expect(Bun.spawnSync([join(dir, "structs")]).exitCode).toBe(0);
  });

  test("structs are written and read at those places", () => {
    const at = (struct: string, name: string): number =>
      structNamed(header, struct, 0).fields.find((f) => f.name === name)?.offset ?? -1;
    const address = 2 ** 47 - 4096;
    const source = layout.encodeSource({
      kind: layout.CoreSourceKind.MEMORY,
      data: address,
      len: 2 ** 33 + 5,
    });
    const view = new DataView(source.buffer);
    expect(view.getUint32(0, true)).toBe(layout.SOURCE_SIZE);
    expect(view.getUint32(at("core_source", "kind"), true)).toBe(2);
    expect(view.getBigUint64(at("core_source", "data"), true)).toBe(BigInt(address));
    expect(view.getBigUint64(at("core_source", "len"), true)).toBe(2n ** 33n + 5n);
    expect(view.getBigUint64(at("core_source", "feed"), true)).toBe(0n);

    const summary = new DataView(new ArrayBuffer(layout.COMPARE_SUMMARY_SIZE + 8));
    const set = (name: string, value: bigint): void =>
      summary.setBigUint64(8 + at("core_compare_summary", name), value, true);
    summary.setInt32(8 + at("core_compare_summary", "error"), -201, true);
    set("offset", MAX);
    set("size_left", 0n);
    set("elapsed_ns", 2n ** 53n - 1n);
    expect(layout.decodeCompareSummary(summary, 8)).toMatchObject({
      error: -201,
      offset: null,
      sizeLeft: 0,
      line: 0,
      elapsedNs: 2 ** 53 - 1,
    });
  });

  test("bun:ffi takes the symbol types, views, empty views and null", () => {
    const bodies = header.functions.map((f) => `int ${f.name}() { return 0; }`).join("\n");
    const echo =
      "int core_run_drain(void *a, void *b, unsigned long long n, unsigned long long *used, unsigned *state)\n{ (void)a; *used = n + !!b; *state = 4294967295u; return -101; }";
    const path = join(dir, "stub.c");
    writeFileSync(path, bodies.replace(/^int core_run_drain.*$/m, echo));
    cc(["-w", "-shared", "-fPIC", "-o", join(dir, `stub.${libSuffix}`), path]);
    const { symbols: lib } = dlopen(join(dir, `stub.${libSuffix}`), symbols);
    const used = new BigUint64Array(1);
    const state = new Uint32Array(1);
    expect(lib.core_run_drain(null, null, 2 ** 53 - 1, used, state)).toBe(-101);
    expect([used[0], state[0]]).toEqual([2n ** 53n - 1n, 4294967295]);
    lib.core_run_drain(null, new Uint8Array(8), MAX - 1n, used, state);
    expect(used[0]).toBe(MAX);
    expect(lib.core_feed_write(null, new Uint8Array(0), 0, used)).toBe(0);
    expect(lib.core_abi_version()).toBe(0);
    expect(lib.core_pump_del(null)).toBeUndefined();
  });
});
