// The lines of JSON that suite prints, held against the schema that ships: here for every command that a test runs.
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { ROOT } from "../../support/child.ts";

const schema: object = await Bun.file(join(ROOT, "docs/records.schema.json")).json();

/** Whether a value is a record as the schema has them, for a reader: fields it does not know are allowed. */
export const isRecord = new Ajv2020({ strict: false }).compile(schema);

/** The schema without fields that it does not name: what suite itself may print. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return typeof copy["properties"] === "object" && copy["type"] === "object"
    ? { ...copy, additionalProperties: false }
    : copy;
}

const isPrinted = new Ajv2020({ strict: false }).compile(closed(schema) as object);

/** What is wrong with a line of JSON; nothing when it is a record. */
function fault(line: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return isPrinted(value) ? undefined : JSON.stringify(isPrinted.errors);
}

/**
 * Throws about the first whole line of JSON that is no record. A last line without an end was cut off by whatever ended
 * the command.
 *
 * @param all every line has to be one; else those alone that begin as one does
 */
export function checkRecords(output: string, all = false): void {
  for (const line of output.split("\n").slice(0, -1)) {
    if (!all && !line.startsWith('{"')) continue;
    const why = fault(line);
    if (why !== undefined) throw new Error(`a line that docs/records.schema.json does not allow: ${line}\n${why}`);
  }
}
