/**
 * `suite` without a command: its help and its version.
 * @module
 */
import type { Commands } from "./suite.ts";

/** Runs `suite --help`, `suite --version` and what is wrong with other flags: the exit code. */
export async function runRoot(commands: Commands, argv: readonly string[]): Promise<number> {
  const { rootFlags, rootHelp } = await import("./root-help.ts");
  const { given, operands, error } = rootFlags(argv);
  const { print, stdoutPainter } = await import("./run-tool.ts");
  if (given.get("help")) return print(rootHelp(commands, stdoutPainter((given.get("color") ?? "auto") as "auto", false)));
  if (error) throw error;
  if (given.get("version")) return print(await (await import("./version.ts")).versionText(given.has("verbose")));
  const { usage } = await import("./usage.ts");
  const names = Object.keys(commands).join(", ");
  if (operands.length > 0) throw usage(`options stand behind the command: suite ${String(operands[0])} [OPTIONS] ...; see suite --help`);
  throw usage(`no command given; commands are ${names}; see suite --help`);
}
