/**
 * From the words of a command line to the exit code of a tool.
 * @module
 */
import { parseFlags } from "./args.ts";
import { configPaths } from "./config-path.ts";
import { Exit } from "./exit.ts";
import type { Bytes, Values } from "./flag.ts";
import { Messages } from "./messages.ts";
import { checkOperands, operandsFor } from "./operand.ts";
import { Output } from "./output.ts";
import { Progress, progressForm } from "./progress.ts";
import { onlyTool } from "./program.ts";
import { settings, type Layers } from "./settings.ts";
import type { SharedFlags } from "./shared.ts";
import { Signals } from "./signals.ts";
import { painted, unpainted, wantsColor, type ColorWhen, type Painter } from "./style.ts";
import { isTerminal } from "./terminal.ts";
import { runTool, type Tool } from "./tool.ts";

/** Colours for standard output. */
export function stdoutPainter(when: ColorWhen, plain: boolean): Painter {
  return !plain && wantsColor(when, isTerminal(1), process.env) ? painted : unpainted;
}

/** The files and the environment around this process. */
export async function layersAround(named: Bytes | undefined, tools: readonly string[]): Promise<Omit<Layers, "given">> {
  const paths = configPaths(named, process.env);
  // Most people have none: the TOML parser is not loaded for nothing.
  const files = paths.length === 0 ? [] : (await import("./config-file.ts")).readConfigs(paths);
  return { env: process.env, files, tools };
}

/** Prints a text and ends. */
export async function print(text: string): Promise<number> {
  const output = new Output();
  output.write(text);
  await output.flush();
  return Exit.OK;
}

/** The help of a tool, for the terminal at hand. */
export async function helpText(tool: Tool, paint: Painter): Promise<string> {
  const { renderHelp } = await import("./help.ts");
  return renderHelp(tool, { width: isTerminal(1) ? process.stdout.columns || 80 : 80, paint });
}

/**
 * Runs a tool: its exit code.
 *
 * @param tools names of all tools
 * @throws SuiteError E_USAGE, E_CONFIG, and what the tool throws
 */
export async function runCommandLine(definition: Tool, args: readonly string[], tools: readonly string[]): Promise<number> {
  const alone = onlyTool() === undefined ? undefined : await import("./alone.ts");
  const tool = alone ? alone.standalone(definition) : definition;
  const { given, operands, error, hint } = parseFlags(tool.name, args, tool.flags);
  if (given.get("help")) {
    const when = (given.get("color") ?? "auto") as ColorWhen;
    return print(await helpText(tool, stdoutPainter(when, given.get("plain") === true)));
  }
  if (error) throw error;
  if (given.get("version")) return print(await (await import("./version.ts")).versionText(given.has("verbose")));
  const text = await alone?.standaloneText(tool, given);
  if (text !== undefined) return print(text);
  checkOperands({ name: tool.name, operands: operandsFor(tool, given) }, operands, hint);
  const layers = await layersAround(given.get("config") as Bytes | undefined, tools);
  const found = settings(tool, { given, ...layers });
  const flags = Object.fromEntries([...found].map(([name, { value }]) => [name, value])) as Values<SharedFlags>;
  return invoke(tool, flags, operands);
}

async function invoke(tool: Tool, flags: Values<SharedFlags>, operands: readonly Bytes[]): Promise<number> {
  const terminal = isTerminal(1);
  const output = new Output();
  const messages = new Messages();
  const shown = flags.quiet && flags.progress === "auto" ? "never" : flags.progress;
  const progress = new Progress(progressForm(shown, isTerminal(2), process.env["TERM"] === "dumb"));
  const before = () => {
    // On one terminal, what is told stands behind the lines it is about.
    if (terminal) output.now();
    progress.clear();
  };
  messages.around(before, progress.restore);
  if (terminal) output.around(progress.clear, progress.restore);
  using signals = new Signals();
  const paint = stdoutPainter(flags.color, flags.plain);
  try {
    return await runTool(tool, { flags, operands, output, messages, progress, signals, paint, terminal: terminal && !flags.plain } as never);
  } finally {
    // Also what was written before an error. Throws in its place only if the output is what failed.
    await output.flush();
  }
}
