// `bun run bench TOOL [options]`: measures a tool against its peers. The work is in lib/ and in one folder per tool.
import { BenchError, parseBenchArgs, usage } from "./lib/args.ts";

/** Measures one tool: 0, or 1 when a contender gave a wrong answer. */
type Bench = (options: ReturnType<typeof parseBenchArgs>) => Promise<number>;

const BENCHES: Record<string, () => Promise<Bench>> = {
  compare: async () => (await import("./compare/main.ts")).benchCompare,
};

try {
  const options = parseBenchArgs(process.argv.slice(2), Object.keys(BENCHES));
  if (options.help) {
    process.stdout.write(usage(Object.keys(BENCHES)));
  } else {
    const bench = await BENCHES[options.tool]?.();
    process.exitCode = (await bench?.(options)) ?? 2;
  }
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
