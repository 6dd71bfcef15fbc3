/**
 * What came of comparing many sources, as lines and as JSON.
 * @module
 */
import { isUtf8 } from "../units/utf8.ts";
import type { GroupJson, GroupRecord } from "../compare/group.ts";
import type { AllResult, CompareResult, SourceError } from "../compare/many.ts";
import type { SuiteError } from "../errors.ts";
import type { Status } from "../ffi/layout.gen.ts";
import type { SummaryJson } from "./compare-json.ts";
import type { EntryLooks, Rendered } from "./compare-text.ts";

/** What a source is called on the command line. */
export type OperandName = string | Uint8Array;

/** How a name is to look. */
export type NameRenderer = (name: OperandName) => Rendered;

/** What is known of a group's members, in the words of entries. */
function statusOf({ error, sources }: GroupRecord): Status {
  if (error) return "unknown";
  return sources.length > 1 ? "equal" : "different";
}

const SIGILS = { equal: "=", different: "*", unknown: "!", only_left: "<", only_right: ">" } as const;

/** `SIGIL SP NAME [TAB NAME]...`; an unknown source is followed by its error code, unless `brief`. */
export function groupLine(
  group: GroupRecord,
  names: readonly OperandName[],
  render: NameRenderer,
  brief: boolean,
  sign: EntryLooks["sign"],
): Rendered[] {
  const status = statusOf(group);
  const parts: Rendered[] = [`${sign(status, SIGILS[status])} `];
  for (const [i, source] of group.sources.entries()) {
    if (i > 0) parts.push("\t");
    parts.push(render(names[source] ?? ""));
  }
  if (group.error && !brief) parts.push(`\t${group.error.code}`);
  parts.push("\n");
  return parts;
}

/** `SIGIL SP NAME NUL` for each member, and a NUL behind the last. */
export function groupNames(group: GroupRecord, names: readonly OperandName[]): Rendered[] {
  const sigil = SIGILS[statusOf(group)];
  return [...group.sources.flatMap((source) => [`${sigil} `, names[source] ?? "", "\0"]), "\0"];
}

/** One or more names under `key`, or under `key_b64` where one of them is not valid UTF-8. */
function named<Key extends string>(key: Key, names: readonly OperandName[]): Record<string, string[]> {
  const bytes = names.map((name) => Buffer.from(name as Uint8Array));
  if (bytes.every((name) => isUtf8(name))) return { [key]: bytes.map((name) => name.toString()) };
  return { [`${key}_b64`]: bytes.map((name) => name.toString("base64")) };
}

/** The `group` line of a source whose content is not known. */
export function unknownJson(
  { source, code, errno, message }: SourceError,
  id: number,
  names: readonly OperandName[],
): GroupJson {
  return {
    v: 1,
    type: "group",
    id,
    ...named("members", [names[source] ?? ""]),
    sources: [source],
    error: { code, ...(errno !== undefined && { errno }), ...(message !== undefined && { message }) },
  };
}

function differenceJson({ difference }: AllResult, names: readonly OperandName[]): object {
  if (!difference) return {};
  const side = (key: "left" | "right") =>
    Object.fromEntries(
      Object.entries(named(key, [names[difference[key]] ?? ""])).map(([name, [value]]) => [name, value]),
    );
  return { difference: { ...side("left"), ...side("right"), reasons: difference.reasons } };
}

/** The summary of many sources that came to `result`, or to nothing but `error`. */
export function manySummaryJson(
  result: AllResult | CompareResult | undefined,
  exit: number,
  error: SuiteError | undefined,
  names: readonly OperandName[],
): SummaryJson {
  return {
    v: 1,
    type: "summary",
    verdict: result?.verdict ?? "unknown",
    exit,
    equal: result?.counts.equal ?? 0,
    different: result?.counts.different ?? 0,
    only_left: 0,
    only_right: 0,
    unknown: result?.counts.unknown ?? 0,
    bytes_read: result?.bytesRead ?? 0,
    bytes_avoided: result?.bytesAvoided ?? 0,
    proofs: result?.proofs ?? {},
    compared: ["content"],
    elapsed_ms: result?.elapsedMs ?? 0,
    ...(result && "groups" in result && { groups: result.groups.length - result.errors.length }),
    ...(result && "difference" in result && differenceJson(result, names)),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
