// Hostile bytes in place of the records of libcore: they are decoded or refused, and what is decoded of a record comes
// from that record alone.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { CoreRecType } from "../../src/ffi/layout.gen.ts";
import { NativeError } from "../../src/index.ts";
import { decodeRecords, type AnyRecord } from "../../src/records.gen.ts";
import { isRecord } from "../cli/kit/schema.ts";

const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

/** Numbers that are lengths, offsets and words of records, or just miss them. */
const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 8, 31, 32, 40, 79, 80, 81, 88, 120, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 80, 2 ** 32 - 1),
  fc.nat(300),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);

/** A record with a head that mostly fits, and anything for its fields and strings. */
const record = fc
  .tuple(
    fc.constantFrom(CoreRecType.ENTRY, CoreRecType.LOG, CoreRecType.RANGE, 0, 99),
    fc.array(word, { maxLength: 40 }),
    fc.option(word, { freq: 8 }),
  )
  .map(([type, fields, length]) => {
    const bytes = new Uint32Array([0, type, ...fields, ...(fields.length % 2 ? [0] : [])]);
    bytes[0] = length ?? bytes.byteLength;
    return new Uint8Array(bytes.buffer);
  });

const batch = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.tuple(fc.array(record, { maxLength: 6 }), fc.nat(8)).map(([records, cut]) => {
    const all = Buffer.concat(records);
    return new Uint8Array(all.subarray(0, all.length - cut));
  }),
);

/** What a call gives, or the refusal in its place; any other error fails the test. */
function outcome<T>(call: () => T): T | "refused" {
  try {
    return call();
  } catch (error) {
    expect(error).toBeInstanceOf(NativeError);
    return "refused";
  }
}

/** All that a record says, and each field by itself. */
function told(record: AnyRecord): unknown[] {
  const names = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(record) as object));
  const fields = names.filter(([, { get }]) => get !== undefined).map(([name]) => name as keyof AnyRecord);
  return [outcome(() => record.toJSON()), ...fields.map((name) => outcome(() => record[name]))];
}

test("a batch is decoded or refused, within its bounds", () => {
  fc.assert(
    fc.property(batch, (bytes) => {
      const before = bytes.slice();
      const records = outcome(() => decodeRecords(bytes));
      if (records !== "refused") {
        expect(records.length).toBeLessThanOrEqual(bytes.length / 8);
        for (const record of records) {
          const [json] = told(record);
          if (json === "refused") continue;
          const read: unknown = JSON.parse(JSON.stringify(json));
          expect(isRecord(read), JSON.stringify([json, isRecord.errors])).toBe(true);
        }
      }
      expect(bytes).toEqual(before);
    }),
    { seed, numRuns: 3000 },
  );
});

test("what is decoded does not depend on what lies around it", () => {
  fc.assert(
    fc.property(batch, fc.nat(255), (bytes, around) => {
      const records = outcome(() => decodeRecords(bytes));
      const room = new Uint8Array(bytes.length + 128).fill(around);
      room.set(bytes, 64);
      const inside = outcome(() => decodeRecords(room.subarray(64, 64 + bytes.length)));
      if (records === "refused" || inside === "refused") {
        expect(inside).toBe(records);
        return;
      }
      expect(inside.map(told)).toEqual(records.map(told));
      // Each record alone says what it says among others.
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const alone: AnyRecord[] = [];
      for (let at = 0; at < bytes.length; at += view.getUint32(at, true))
        alone.push(...decodeRecords(bytes.slice(at, at + view.getUint32(at, true))));
      expect(alone.map(told)).toEqual(records.map(told));
    }),
    { seed, numRuns: 3000 },
  );
});
