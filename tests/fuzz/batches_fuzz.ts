// Any bytes as records of the ring: bounded, each field within its record, and what is decoded fits the schema; else
// one SuiteError.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { decodeRecords, FoundRecord, GroupPartRecord } from "../../src/records.gen.ts";
import { unlessRefused, type FuzzTarget } from "./kit/target.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dir, "../../docs/records.schema.json"), "utf8")) as object;
const isRecord = new Ajv2020({ strict: false }).compile(schema);

export const target: FuzzTarget = {
  words: ["\x01\0\0\0", "\x02\0\0\0", "\x03\0\0\0", "X\0\0\0", " \0\0\0", "(\0\0\0", "\0\0\0\0\0\0\0\0"],
  run(input) {
    const records = unlessRefused(["E_NATIVE"], () => decodeRecords(input)) ?? [];
    // A record is eight bytes at least, so there are no more than that.
    assert(records.length <= input.length / 8);
    for (const record of records) {
      const json = unlessRefused(["E_NATIVE"], () => record.toJSON());
      if (json === undefined) continue;
      const line = JSON.stringify(json);
      // No line of output is made of these as they are.
      const isOutput = !(record instanceof FoundRecord) && !(record instanceof GroupPartRecord);
      // Two strings, each of which JSON makes six times as long at most.
      assert(line.length <= 6 * 2 * input.length + 1000, `${line.length} characters from ${input.length} bytes`);
      assert(!isOutput || isRecord(JSON.parse(line)), `${JSON.stringify(isRecord.errors)} in ${line}`);
    }
  },
};
