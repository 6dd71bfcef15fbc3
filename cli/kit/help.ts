/**
 * What `--help` prints: examples first.
 * @module
 */
import { twoColumns, wrap, type Row } from "./columns.ts";
import { negation, placeholder, spellings, takesValue, type Flag } from "./flag.ts";
import { operandSynopsis } from "./operand.ts";
import { asCalled, calledAs } from "./program.ts";
import { isShared } from "./shared.ts";
import type { Painter } from "./style.ts";
import type { Tool } from "./tool.ts";
import { oneOf } from "./usage.ts";

/** How it is to look. */
export interface HelpStyle {
  /** Columns of the terminal. */
  width: number;
  paint: Painter;
}

/** Room for a flag; the meaning of a longer one stands below it. */
const WIDEST_FLAG = 28;

/** Longer lines are hard to read, however wide the terminal is. */
const MAX_WIDTH = 110;

/** The flag as it is shown: `-j, --jobs N`, `--no-quick-check`, `--progress[=WHEN]`. */
export function flagTerm(name: string, flag: Flag): string {
  if (flag.type === "boolean" && flag.default) return `    --no-${name}`;
  const words = spellings(name, flag);
  const indent = words[0]?.startsWith("--") ? "    " : "";
  let value = "";
  if (takesValue(flag)) {
    const hint = placeholder(flag);
    value = "bare" in flag && flag.bare !== undefined ? `[=${hint}]` : ` ${hint}`;
  }
  return `${indent}${words.join(", ")}${value}`;
}

/** The description with what the definition knows besides: the default, `--no-NAME`, that it repeats. */
export function flagMeaning(name: string, flag: Flag): string {
  const notes: string[] = [];
  const no = negation(flag);
  if (no !== undefined && !(flag.type === "boolean" && flag.default)) notes.push(`\`--no-${name}\`${no ? "" : " turns it off"}`);
  if (flag.type === "set") notes.push(`of ${flag.values.join(", ")}`);
  if ("repeat" in flag && flag.repeat) notes.push("may be repeated");
  if (takesValue(flag) && flag.default !== undefined) notes.push(`default: \`${flag.default}\``);
  return [flag.description, ...notes.map((note) => `[${note}]`)].join(" ");
}

/** The usage lines of a tool, as it is called here. */
export function synopses(tool: Tool): string[] {
  const word = (name: string) => {
    const flag = tool.flags[name];
    return flag && takesValue(flag) ? `--${name} ${placeholder(flag)}` : `--${name}`;
  };
  const forms = (tool.forms ?? []).map(({ flags, operands }) => `${flags.map(word).join("|")} ${operandSynopsis(operands)}`);
  return [operandSynopsis(tool.operands), ...forms].map((rest) => `${calledAs(tool.name)} [OPTIONS] ${rest}`.trimEnd());
}

/** The flags that are shown, below their titles: its own, those of each group, those of all commands. */
export function flagGroups(tool: Tool): [title: string, flags: [name: string, flag: Flag][]][] {
  const groups = new Map<string, [string, Flag][]>([["Options", []]]);
  for (const [name, flag] of Object.entries(tool.flags)) {
    if (flag.hidden) continue;
    const title = isShared(name) ? "Common options" : (flag.group ?? "Options");
    groups.set(title, [...(groups.get(title) ?? []), [name, flag]]);
  }
  const common = groups.get("Common options") ?? [];
  groups.delete("Common options");
  return [...groups, ["Common options", common] as [string, [string, Flag][]]].filter(([, flags]) => flags.length > 0);
}

/** Backquotes are for the manual page. */
const bare = (text: string) => asCalled(text).replaceAll("`", "");

/** The help of a tool. */
export function renderHelp(tool: Tool, { width, paint }: HelpStyle): string {
  const columns = Math.max(40, Math.min(width, MAX_WIDTH));
  const table = (rows: readonly Row[], widest: number, terms?: readonly string[]) =>
    twoColumns(
      rows.map(([term, meaning]) => [asCalled(term), bare(meaning)]),
      { width: columns, widest, paint: (term) => paint("bold", term), ...(terms && { terms }) },
    );
  const title = (text: string) => `${paint("underline", `${text}:`)}\n`;
  const groups = flagGroups(tool).map(([name, flags]) => [name, flags.map(([flag, of]): Row => [flagTerm(flag, of), flagMeaning(flag, of)])] as const);
  const terms = groups.flatMap(([, rows]) => rows.map(([term]) => term));
  const blocks = [
    title("Examples") + table(tool.examples, Math.floor(columns / 2)),
    synopses(tool)
      .map((line, i) => `${i === 0 ? paint("underline", "Usage:") : "      "} ${line}\n`)
      .join(""),
    ...tool.description.map((text) => `${wrap(bare(text), columns).join("\n")}\n`),
    ...operandBlock(tool, table, title),
    ...(tool.sections ?? []).map((section) => title(section.title) + table(section.rows, 24)),
    ...groups.map(([name, rows]) => title(name) + table(rows, WIDEST_FLAG, terms)),
  ];
  return blocks.filter((block) => block !== "").join("\n");
}

function operandBlock(tool: Tool, table: (rows: readonly Row[], widest: number) => string, title: (text: string) => string): string[] {
  const rows = tool.operands.flatMap(({ name, description, values }): Row[] => {
    const meaning = description ?? (values && oneOf(values));
    return meaning === undefined ? [] : [[name, meaning]];
  });
  return rows.length > 0 ? [title("Operands") + table(rows, 24)] : [];
}
