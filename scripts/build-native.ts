// Builds libcore: `bun scripts/build-native.ts --help` lists the options. The work is in scripts/build/.
import { BuildError } from "./build/errors.ts";
import { buildNative, type BuildResult } from "./build/native.ts";
import { parseBuildArgs, usage, type BuildCommand, type BuildEvent } from "./build/options.ts";

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = parseBuildArgs(argv);
    if (command.help) {
      process.stdout.write(usage);
      return 0;
    }
    const result = await buildNative({ ...command.options, onEvent: reporter(command) });
    if (!command.quiet) process.stderr.write(`${summary(result)}\n`);
    if (!command.quiet) process.stdout.write(`${result.library}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`build-native: ${error.message}\n${error.hint === undefined ? "" : `${error.hint}\n`}`);
    return error.exitCode;
  }
}

function reporter({ quiet, verbose }: BuildCommand): (event: BuildEvent) => void {
  const live = !quiet && !verbose && process.stderr.isTTY === true;
  return (event) => {
    if (quiet) return;
    if (event.type === "wait") process.stderr.write(`waiting for another build (it holds ${event.lock})\n`);
    if (event.type === "fetch") process.stderr.write(`asking ${event.by} for ${event.packages.join(", ")}\n`);
    if (event.type === "step" && verbose) process.stderr.write(`${event.command.join(" ")} -o ${event.output}\n`);
    if (event.type === "done" && live) process.stderr.write(`\r\x1b[K[${event.done}/${event.total}] ${event.name}`);
    if (event.type === "done" && live && event.done === event.total) process.stderr.write("\r\x1b[K");
  };
}

function summary({ compiled, linked, thirdParty, ms }: BuildResult): string {
  if (compiled.length + linked.length + thirdParty.length === 0) return `libcore is up to date (${Math.round(ms)} ms)`;
  const files = (count: number) => `${count} ${count === 1 ? "file" : "files"}`;
  const built = thirdParty.length === 0 ? "" : `built ${thirdParty.join(", ")}; `;
  return `libcore: ${built}compiled ${files(compiled.length)}, linked ${files(linked.length)} in ${(ms / 1000).toFixed(2)} s`;
}

process.exitCode = await main(process.argv.slice(2));
