/** What the generated decoders, the JSON Schema and the error table do with real bytes. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import fc from "fast-check";
import { readHeader } from "../../scripts/bindings/generate.ts";
import { structNamed } from "../../scripts/bindings/model.ts";
import { ERRORS, ERRORS_BY_NAME } from "../../src/errors.gen.ts";
import { NativeError } from "../../src/errors.ts";
import * as layout from "../../src/ffi/layout.gen.ts";
import { decodeRecords, type AnyRecord, type EntryJson, type EntryRecord, type LogRecord, type RecordJson } from "../../src/records.gen.ts";

const ROOT = join(import.meta.dir, "../..");
const MAX = 0xffff_ffff_ffff_ffffn;

const header = await readHeader(join(ROOT, "libcore/include/core.h"), "core.h");

type Values = Record<string, number | bigint | Uint8Array | string>;

/** A record as C writes it, laid out by the probe's offsets and not by the generated code. */
function record(structName: string, type: number, values: Values): Uint8Array {
  const struct = structNamed(header, structName, 0);
  const strings = Object.values(values).map((v) => (typeof v === "string" ? Buffer.from(v) : v));
  const extra = strings.reduce<number>((sum, v) => sum + (v instanceof Uint8Array ? v.length : 0), 0);
  const view = new DataView(new ArrayBuffer(Math.ceil((struct.size + extra) / 8) * 8));
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, type, true);
  let end = struct.size;
  Object.keys(values).forEach((name, index) => {
    const field = struct.fields.find((f) => f.name === name);
    if (!field) throw new Error(`no field ${name}`);
    const value = strings[index] ?? 0;
    if (value instanceof Uint8Array) {
      view.setUint32(field.offset, end, true);
      view.setUint32(field.offset + 4, value.length, true);
      bytes.set(value, end);
      end += value.length;
    } else if (field.size === 8) view.setBigUint64(field.offset, BigInt(value), true);
    else if (field.size === 4) view.setInt32(field.offset, Number(value), true);
    else view.setUint8(field.offset, Number(value));
  });
  return bytes;
}

const entry = (values: Values): Uint8Array => record("core_rec_entry", layout.CoreRecType.ENTRY, values);
const log = (values: Values): Uint8Array => record("core_rec_log", layout.CoreRecType.LOG, values);
/** What stands in an entry about which nothing is known. */
const BLANK = {
  status: 5,
  size_left: MAX,
  size_right: MAX,
  offset: MAX,
  below: MAX,
};

/** The records and what a reader of `--json` sees of them. */
function decode(...parts: Uint8Array[]): {
  records: AnyRecord[];
  json: unknown[];
} {
  const records = decodeRecords(Buffer.concat(parts));
  return { records, json: JSON.parse(JSON.stringify(records)) as unknown[] };
}

describe("records", () => {
  test("everything present", () => {
    const { records, json } = decode(
      entry({
        path: "a/ü\ufeff.txt",
        status: 2,
        kind_left: 1,
        kind_right: 3,
        proof: 0,
        reasons: 1 | 2 | 32,
        size_left: 2n ** 40n + 1n,
        size_right: 0,
        offset: 0,
        line: 1,
        below: 0,
        error: -202,
        sys: 13,
        message: "left: no access",
      }),
      log({ level: 1, sys: 2, message: "skipped", path: "x" }),
    );
    expect(json).toEqual([
      {
        v: 1,
        type: "entry",
        path: "a/ü\ufeff.txt",
        status: "different",
        kind: ["file", "symlink"],
        reasons: ["content_mismatch", "size_mismatch", "read_error"],
        size: [2 ** 40 + 1, 0],
        offset: 0,
        line: 1,
        below: 0,
        error: { code: "E_PERMISSION", errno: 13, message: "left: no access" },
      },
      {
        v: 1,
        type: "log",
        level: "warn",
        errno: 2,
        message: "skipped",
        path: "x",
      },
    ]);
    expect(Object.keys(json[0] as object).slice(0, 4)).toEqual(["v", "type", "path", "status"]);
    expect(Bun.inspect(records[1])).toBe(Bun.inspect(records[1]?.toJSON()));
  });

  test("everything absent", () => {
    const { records, json } = decode(entry({ ...BLANK, path: "" }), log({ level: 2 }));
    expect(json).toEqual([
      {
        v: 1,
        type: "entry",
        path: "",
        status: "unknown",
        kind: [null, null],
        reasons: [],
        size: [null, null],
      },
      { v: 1, type: "log", level: "info", message: "" },
    ]);
    const [first, second] = records as [EntryRecord, LogRecord];
    expect([first.proof, first.offset, first.line, first.below, first.error]).toEqual(Array(5).fill(undefined));
    expect([second.path, second.pathBytes, second.errno]).toEqual([undefined, undefined, undefined]);
  });

  test("an error without details, a proof", () => {
    const { json } = decode(entry({ ...BLANK, error: -205 }), entry({ ...BLANK, status: 1, proof: 2 }));
    expect(json).toMatchObject([{ error: { code: "E_CHANGED" } }, { status: "equal", proof: "same_inode" }]);
    expect(Object.keys((json[0] as { error: object }).error)).toEqual(["code"]);
  });

  test("paths: bad UTF-8 becomes base64, a real U+FFFD and a byte order mark stay", () => {
    const bad = new Uint8Array([0x61, 0xff, 0x2f]);
    const { records, json } = decode(
      entry({ ...BLANK, path: bad }),
      log({ level: 2, path: bad }),
      entry({ ...BLANK, path: "\ufffd" }),
      entry({ ...BLANK, path: "\ufeffa" }),
    );
    const [first] = records as [EntryRecord];
    expect(first.path).toBe("a\ufffd/");
    expect([...first.pathBytes]).toEqual([...bad]);
    expect(json.map((line) => [(line as EntryJson).path, (line as EntryJson).path_b64])).toEqual([
      [undefined, "Yf8v"],
      [undefined, "Yf8v"],
      ["\ufffd", undefined],
      ["\ufeffa", undefined],
    ]);
  });

  test("numbers are an array, and internal records are no lines of the output", () => {
    const members = new Uint8Array(new Uint32Array([0, 7, 0xffff_ffff]).buffer);
    const part = (values: Values) => record("core_rec_group_part", layout.CoreRecType.GROUP_PART, values);
    const { json } = decode(part({ id: 3, more: 1, proof: 2, members }), part({ id: 4, error: -201, message: "gone", members: members.subarray(0, 4) }));
    expect(json).toMatchObject([
      { id: 3, more: 1, proof: "same_inode", members: [0, 7, 0xffff_ffff] },
      { id: 4, more: 0, error: { code: "E_NOT_FOUND", message: "gone" }, members: [0] },
    ]);
    const schema = readFileSync(join(ROOT, "docs/records.schema.json"), "utf8");
    expect(schema).not.toContain("group_part");
    expect(readFileSync(join(ROOT, "docs/records.md"), "utf8")).not.toContain("group_part");
  });

  test("unknown types are skipped, broken lengths are refused", () => {
    const other = record("core_rec_log", 99, {});
    expect(decode(other, log({ level: 1 }), other).records.map((r) => r.type)).toEqual(["log"]);
    const none = new Uint8Array(8);
    expect(() => decodeRecords(none)).toThrow("nothing whole at byte 0");
    expect(() => decodeRecords(log({ level: 1 }).subarray(0, 24))).toThrow("nothing whole at byte 0");
    expect(() => decodeRecords(Buffer.concat([log({ level: 1 }), none.subarray(0, 4)]))).toThrow("at byte 32");
    const short = new Uint8Array([16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(() => decodeRecords(short)).toThrow("16 bytes where 88 are needed");
    expect(() => JSON.stringify(decode(entry({ ...BLANK, status: 77 })).records)).toThrow("no word for 77");
    expect(() => decodeRecords(none)).toThrow(NativeError);
  });

  test("a string ends with its record, whatever it says", () => {
    const { size, fields } = structNamed(header, "core_rec_entry", 0);
    const at = fields.find(({ name }) => name === "path")?.offset ?? 0;
    const first = entry({ ...BLANK, path: "abc" });
    const reads = (off: number, len: number) => {
      const batch = Buffer.concat([first, entry({ ...BLANK, path: "secret" })]);
      batch.writeUInt32LE(off, at);
      batch.writeUInt32LE(len, at + 4);
      return () => (decodeRecords(batch)[0] as EntryRecord).path;
    };
    expect(reads(size, 3)()).toBe("abc");
    expect(reads(size, first.length - size)()).toBe("abc\0\0\0\0\0");
    for (const [off, len] of [
      [size, first.length - size + 1],
      [first.length, 1],
      [first.length + size, 6],
      [0xffff_fff0, 0x20],
      [0, 0xffff_ffff],
    ] as const)
      expect(reads(off, len)).toThrow(NativeError);
  });

  test("any record fits the schema and keeps its bytes", () => {
    const validate = new Ajv({
      strict: true,
      strictRequired: false,
      allowUnionTypes: true,
    }).compile(JSON.parse(readFileSync(join(ROOT, "docs/records.schema.json"), "utf8")) as object);
    const size = fc.oneof(fc.maxSafeNat().map(BigInt), fc.constant(MAX));
    const values = fc.record({
      path: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ unit: "binary" }).map((s) => Buffer.from(s)),
      ),
      status: fc.integer({ min: 1, max: 5 }),
      kind_left: fc.integer({ min: 0, max: 8 }),
      kind_right: fc.integer({ min: 0, max: 8 }),
      proof: fc.integer({ min: 0, max: 5 }),
      reasons: fc.integer({ min: 0, max: 63 }),
      size_left: size,
      size_right: size,
      offset: size,
      line: fc.maxSafeNat().map(BigInt),
      below: size,
      error: fc.constantFrom(0, ...Object.values(ERRORS).map((info) => info.code)),
      sys: fc.nat(200),
      message: fc.string(),
    });
    fc.assert(
      fc.property(values, (value) => {
        const [line] = decode(log({ level: 2 }), entry(value)).json.slice(1) as [
          Extract<RecordJson, { type: "entry" }>,
        ];
        expect(validate(line) || validate.errors).toBe(true);
        const path = line.path_b64 === undefined ? Buffer.from(line.path ?? "") : Buffer.from(line.path_b64, "base64");
        expect(path.equals(value.path)).toBe(true);
        expect(line.size[0]).toBe(value.size_left === MAX ? null : Number(value.size_left));
        expect(line.offset).toBe(value.offset === MAX ? undefined : Number(value.offset));
      }),
      { numRuns: 150 },
    );

    const summary = {
      v: 1,
      type: "summary",
      verdict: "different",
      exit: 1,
      equal: 1,
      different: 2,
      only_left: 0,
      only_right: 0,
      unknown: 0,
      bytes_read: 5,
      bytes_avoided: 0,
      proofs: { bytes: 1 },
      compared: ["content"],
      elapsed_ms: 1.5,
    };
    expect(validate(summary)).toBe(true);
    expect(
      validate({
        ...summary,
        error: { code: "E_READ", message: "m" },
        later: true,
      }),
    ).toBe(true);
    const group = { v: 1, type: "group", id: 0, sources: [0], members: ["a"] };
    expect(validate(group)).toBe(true);
    expect(validate({ ...group, members: [null], proof: "bytes", error: { code: "E_READ" } })).toBe(true);
    expect(validate({ ...group, members: undefined })).toBe(false);
    expect(validate({ ...group, members_b64: ["YQ=="] })).toBe(false);
    expect(validate({ ...group, sources: [] })).toBe(false);
    const [line] = decode(entry({ ...BLANK, path: "a" })).json as [object];
    for (const wrong of [
      { path_b64: "YQ==" },
      { v: 2 },
      { status: "odd" },
      { size: [1] },
      { reasons: "x" },
      { error: {} },
    ]) {
      expect(validate({ ...line, ...wrong })).toBe(false);
    }
    expect(validate({ ...line, path: undefined })).toBe(false);
    expect(validate({ ...summary, verdict: null })).toBe(false);
  });
});

test("the error table", () => {
  expect(ERRORS[-201]).toEqual({
    code: -201,
    name: "E_NOT_FOUND",
    exit: 4,
    class: "SourceNotFoundError",
    summary: "The path does not exist.",
  });
  expect(ERRORS_BY_NAME.E_CANCELLED.exit).toBe(130);
  expect(ERRORS[-1]).toBeUndefined();
  expect(Object.keys(ERRORS)).toHaveLength(Object.keys(ERRORS_BY_NAME).length);
});
