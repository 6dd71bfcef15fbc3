/**
 * The help and the flags of `suite` itself.
 * @module
 */
import { parseFlags, type ParsedArgs } from "./args.ts";
import { twoColumns } from "./columns.ts";
import { SHARED } from "./shared.ts";
import type { Painter } from "./style.ts";
import type { Commands } from "./suite.ts";

/** Takes the words apart that stand where a command was expected. */
export function rootFlags(argv: readonly string[]): ParsedArgs {
  const { help, version, verbose, color } = SHARED;
  return parseFlags("", argv, { help, version: { ...version, short: "V" }, verbose, color });
}

/** What `suite --help` prints. */
export function rootHelp(commands: Commands, paint: Painter): string {
  const layout = { width: 80, widest: 40, paint: (term: string) => paint("bold", term) };
  const title = (text: string) => `${paint("underline", `${text}:`)}\n`;
  const examples = [
    ["suite compare A B", "are two files or directories the same?"],
    ["suite compare --help", "all about comparing"],
  ] as const;
  const list = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  const topics = [
    ["suite COMMAND --help", "the options of a command"],
    ["suite help exit-codes", "what the exit codes mean"],
    ["suite config show", "the settings, and where they come from"],
    ["suite --version", "the version; with --verbose how it was built"],
  ] as const;
  return [
    title("Examples") + twoColumns(examples, layout),
    `${paint("underline", "Usage:")} suite COMMAND [OPTIONS] ...\n`,
    title("Commands") + twoColumns(list, layout),
    title("More") + twoColumns(topics, layout),
  ].join("\n");
}
