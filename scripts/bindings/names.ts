/** How C names become TypeScript and JSON names. */
import {
  HeaderError,
  tag,
  type Enum,
  type Enumerator,
  type Header,
} from "./model.ts";

/** `only_left` → `onlyLeft`. */
export function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `core_compare_opts` → `CoreCompareOpts`. */
export function pascal(name: string): string {
  return camel(`_${name}`);
}

/** `core_compare_opts` → `CompareOpts`: the public name, without the prefix of C. */
export function publicName(name: string): string {
  return pascal(name.replace(/^core_/, ""));
}

/** `core_compare_opts` → `COMPARE_OPTS`. */
export function constantName(name: string): string {
  return name.replace(/^core_/, "").toUpperCase();
}

/** `CORE_ENOT_FOUND` → `E_NOT_FOUND`. */
export function errorName(value: Enumerator): string {
  return value.name.replace(/^CORE_E/, "E_");
}

/**
 * The part of an enumerator after the prefix its enum gives it, such as
 * `ONLY_LEFT`. The prefix is the enum's name or its first words, because an
 * enum can be named more closely than its values (core_rec_type, CORE_REC_LOG).
 */
export function suffix(header: Header, item: Enum, value: Enumerator): string {
  const words = item.name.toUpperCase().split("_");
  for (let count = words.length; count > 1; count--) {
    const prefix = `${words.slice(0, count).join("_")}_`;
    if (item.values.every((v) => v.name.startsWith(prefix)))
      return value.name.slice(prefix.length);
  }
  throw new HeaderError(
    header.file,
    value.line,
    `${value.name} does not begin with the name of enum ${item.name}`,
  );
}

/** The word of an enumerator in JSON, which `@word` may name, or null for the NONE of value 0. */
export function word(
  header: Header,
  item: Enum,
  value: Enumerator,
): string | null {
  const named = tag(value.doc, "word");
  if (named !== undefined) return named;
  const text = suffix(header, item, value);
  return text === "NONE" && value.value === 0 ? null : text.toLowerCase();
}

/** The words of an enum by its name; none where the header does not have it. */
export function words(header: Header, name: string): string[] {
  const item = header.enums.find((e) => e.name === name);
  return (item?.values ?? [])
    .map((value) => (item ? word(header, item, value) : null))
    .filter((w) => w !== null);
}

/** The names of all error codes. */
export function errorCodes(header: Header): string[] {
  const errors = header.enums.find((e) => tag(e.doc, "errors") !== undefined);
  return (errors?.values ?? []).map(errorName);
}
