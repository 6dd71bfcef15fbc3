/**
 * Manual pages in mdoc, from the same definition as the help.
 * @module
 */
import { wrap } from "./columns.ts";
import { EXIT_CODES } from "./exit.ts";
import { configurable, placeholder, spellings, takesValue, type Flag } from "./flag.ts";
import { flagGroups, flagMeaning } from "./help.ts";
import { asCalled, calledAs, onlyTool } from "./program.ts";
import type { Operand } from "./operand.ts";
import { variables } from "./settings.ts";
import type { Tool } from "./tool.ts";

/** The date on the pages: that of the last change to what they say in general. */
const DATE = "November 21, 2026";

/** Text that mdoc takes for nothing but text. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}

/** An argument of a macro: no word of it may be taken for another macro. */
function argument(text: string): string {
  // A full stop at the end would be taken for that of a sentence.
  return `"${escaped(text).replaceAll('"', "\\(dq").replace(/(?<= )[.?!:;,]$/, "\\&$&")}"`;
}

/** A paragraph, each sentence on lines of its own: what stands in backquotes is literal. */
function prose(text: string): string {
  const sentences = asCalled(text).split(/(?<=[.?!:;]) +/);
  const literal = (part: string, i: number) => (i % 2 === 1 ? `\\fB${escaped(part)}\\fP` : escaped(part));
  const lines = sentences.flatMap((sentence) => wrap(sentence.split(/`([^`]*)`/).map(literal).join(""), 76));
  return lines.map((line) => line.replace(/^[.']/, "\\&$&")).join("\n");
}

function option(name: string, flag: Flag): string {
  const words = flag.type === "boolean" && flag.default ? [`--no-${name}`] : spellings(name, flag);
  const shown = words.map((word) => `Fl ${argument(word.slice(1))}`).join(" , ");
  if (!takesValue(flag)) return `.It ${shown}\n`;
  const value = argument(placeholder(flag));
  const optional = "bare" in flag && flag.bare !== undefined;
  return `.It ${shown} ${optional ? `Ns Oo Ns = Ns Ar ${value} Oc` : `Ar ${value}`}\n`;
}

/** What stands for the value of a flag in the synopsis, if it has one. */
function valueOf(flag: Flag | undefined): string {
  return flag && takesValue(flag) ? ` Ar ${argument(placeholder(flag))}` : "";
}

function list(rows: readonly (readonly [head: string, text: string])[]): string {
  return `.Bl -tag -width Ds\n${rows.map(([head, text]) => `${head}${prose(text)}\n`).join("")}.El\n`;
}

function operandLines(operands: readonly Operand[]): string {
  const lines = operands.map(({ name, optional, repeat }) => {
    const arg = `Ar ${argument(name)}${repeat ? " ..." : ""}`;
    return optional ? `.Op ${arg}\n` : `.${arg}\n`;
  });
  return lines.join("");
}

/** The manual page of a tool, section 1. */
export function renderMan(tool: Tool, version: string): string {
  const flags = flagGroups(tool).flatMap(([, group]) => group);
  const settable = flags.filter(([, flag]) => configurable(flag));
  const forms = (tool.forms ?? []).map((form) => {
    const words = form.flags.map((name) => `Fl ${argument(`-${name}`)}${valueOf(tool.flags[name])}`).join(" | ");
    return `.${words}\n${operandLines(form.operands)}`;
  });
  const name = `.Nm ${argument(calledAs(tool.name))}\n.Op Ar OPTIONS\n`;
  const parts = [
    `.Dd ${DATE}\n.Dt ${argument(`SUITE-${tool.name.toUpperCase()}`)} 1\n.Os ${argument(`suite ${version}`)}\n`,
    `.Sh NAME\n.Nm ${argument(`suite-${tool.name}`)}\n.Nd ${escaped(tool.summary)}\n`,
    `.Sh SYNOPSIS\n${[operandLines(tool.operands), ...forms].map((form) => name + form).join("")}`,
    `.Sh DESCRIPTION\n${(tool.description.length > 0 ? tool.description : [tool.summary]).map(prose).join("\n.Pp\n")}\n`,
    ...(tool.sections ?? []).map(({ title, rows }) => `.Ss ${argument(title)}\n${list(rows.map(([term, text]) => [`.It Li ${argument(term)}\n`, text]))}`),
    `.Sh OPTIONS\n${list(flags.map(([name, flag]) => [option(name, flag), flagMeaning(name, flag)]))}`,
    `.Sh ENVIRONMENT\nEach variable sets the option of its name, where the command line does not.\n`,
    list(settable.map(([name, flag]) => [variables(tool.name, name).map((v) => `.It Ev ${argument(v)}\n`).join(""), meaningOf(name, flag)])),
    `.Sh FILES\n${list([
      [`.It Pa ${argument("$XDG_CONFIG_HOME/suite/config.toml")}\n`, `Settings of the user in TOML; \`~/.config\` where the variable is not set.${onlyTool() === undefined ? " See `suite config show`." : ""}`],
    ])}`,
    `.Sh EXIT STATUS\n${list(EXIT_CODES.map(({ code, when }) => [`.It ${code}\n`, when]))}`,
    `.Sh EXAMPLES\n${list(tool.examples.map(([line, does]) => [`.It Li ${argument(asCalled(line))}\n`, does]))}`,
  ];
  return parts.join("");
}

/** What its variable is worth. */
function meaningOf(name: string, flag: Flag): string {
  if (flag.type !== "boolean") return `As \`--${name}\`.`;
  return flag.default ? `\`0\` is \`--no-${name}\`.` : `\`1\` is \`--${name}\`.`;
}
