/**
 * Completions for zsh.
 * @module
 */
import type { CompletedFlag, CompletedOperand, CompletedTool } from "./completion.ts";

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** Within a specification brackets and colons mean something. */
const inSpec = (text: string) => text.replaceAll(/[\\[\]:]/g, "\\$&");

function action(completes: CompletedFlag["completes"]): string {
  if (completes === "files") return "_files";
  return completes === "nothing" ? " " : `(${completes.join(" ")})`;
}

function flagSpecs(flag: CompletedFlag): string[] {
  return flag.words.map((word) => {
    // One spelling is enough, unless the flag adds up.
    const before = flag.repeat ? "*" : flag.words.length > 1 ? `(${flag.words.join(" ")})` : "";
    const long = word.startsWith("--");
    const marks = { none: "", needed: long ? "=" : "+", optional: long ? "=-" : "-" }[flag.value];
    const colon = { none: "", needed: ":", optional: "::" }[flag.value];
    const value = flag.value === "none" ? "" : `${colon}${inSpec(flag.placeholder)}:${action(flag.completes)}`;
    return quoted(`${before}${word}${marks}[${inSpec(flag.description)}]${value}`);
  });
}

function operandSpec({ name, completes, repeat }: CompletedOperand, index: number): string {
  return quoted(`${repeat ? "*" : index + 1}:${inSpec(name)}:${action(completes)}`);
}

function toolCase(tool: CompletedTool): string {
  const specs = [...tool.flags.flatMap(flagSpecs), ...tool.operands.map(operandSpec)];
  return `    ${tool.name})\n      _arguments -s -S \\\n        ${specs.join(" \\\n        ")}\n      ;;`;
}

/**
 * The script, to be saved as `_suite` in a folder of `$fpath`.
 *
 * @param only the tool whose own program is completed, instead of `suite` with all of them; then saved as `_suite-TOOL`
 */
export function zshCompletion(tools: readonly CompletedTool[], only?: string): string {
  const programs = [...(only === undefined ? ["suite"] : []), ...tools.map(({ name }) => `suite-${name}`)].join(" ");
  const main = only === undefined ? "_suite" : `_suite_${only}`;
  const commands = tools.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(":", "\\:")}`));
  return `#compdef ${programs}

${main}_tool() {
  case $1 in
${tools.map(toolCase).join("\n")}
  esac
}

${main}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  if [[ $service == suite-* ]]; then
    ${main}_tool \${service#suite-}
    return
  fi
  _arguments -C '(- *)--help[show help]' '(- *)--version[show the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(
        ${commands.join("\n        ")}
      )
      _describe command commands
      ;;
    argument)
      ${main}_tool $line[1]
      ;;
  esac
}

if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  ${main} "$@"
else
  compdef ${main} ${programs}
fi
`;
}
