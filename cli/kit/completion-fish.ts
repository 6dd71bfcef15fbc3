/**
 * Completions for fish.
 * @module
 */
import type { CompletedFlag, CompletedTool } from "./completion.ts";

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function flagLines(condition: string, flag: CompletedFlag): string[] {
  const names = flag.words.map((word) => (word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`)).join(" ");
  const about = `-d ${quoted(flag.description)}`;
  const words = typeof flag.completes === "string" ? [] : flag.completes;
  if (flag.value === "needed") {
    const value = flag.completes === "files" ? "-r -F" : words.length > 0 ? `-x -a ${quoted(words.join(" "))}` : "-x";
    return [`complete ${condition} ${names} ${value} ${about}`];
  }
  const lines = [`complete ${condition} ${names} ${about}`];
  // A value that may be left out: each as a word of its own.
  const long = flag.words.find((word) => word.startsWith("--"));
  if (flag.value === "optional" && words.length > 0) {
    lines.push(`complete ${condition} -a ${quoted(words.map((word) => `${long}=${word}`).join(" "))} ${about}`);
  }
  return lines;
}

function toolLines(tool: CompletedTool, only: string | undefined): string[] {
  const inSuite = only === undefined ? [`-c suite -n '__fish_seen_subcommand_from ${tool.name}'`] : [];
  return [...inSuite, `-c suite-${tool.name}`].flatMap((condition) => {
    const operands = tool.operands.map(({ completes, name }) =>
      typeof completes === "string" ? "" : `complete ${condition} -f -a ${quoted(completes.join(" "))} -d ${quoted(name)}`,
    );
    return [...operands.filter((line) => line !== ""), ...tool.flags.flatMap((flag) => flagLines(condition, flag))];
  });
}

/**
 * The script: `suite completions fish | source`.
 *
 * @param only the tool whose own program is completed, instead of `suite` with all of them
 */
export function fishCompletion(tools: readonly CompletedTool[], only?: string): string {
  const own = tools.flatMap((tool) => toolLines(tool, only));
  if (only !== undefined) return `# fish completion for suite-${only}\n${own.join("\n")}\n`;
  const commands = tools.map(
    ({ name, summary }) => `complete -c suite -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
  );
  const root = ["help", "version"].map((name) => `complete -c suite -n __fish_use_subcommand -f -l ${name}`);
  return `# fish completion for suite\n${[...commands, ...root, ...own].join("\n")}\n`;
}
