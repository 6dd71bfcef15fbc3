// The command line of the benchmarks.
import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** What to measure and how. */
export interface BenchOptions {
  readonly tool: string;
  readonly help: boolean;
  /** Measured rounds of each case, after one to warm up. */
  readonly runs: number;
  /** Ids of cases, or the beginnings of some; empty is all. */
  readonly only: readonly string[];
  /** Small corpora and three rounds: to see that all of it works, not to publish. */
  readonly quick: boolean;
  readonly installPeers: boolean;
  readonly publish: boolean;
  /** Where results go. */
  readonly out: string;
  /** How files leave the page cache before each cold measurement. */
  readonly cold: "auto" | "drop" | "advise" | "off";
  /** Names in each tree of the memory measurement. */
  readonly entries: number;
}

/** An error of the benchmarks themselves, with an exit code. */
export class BenchError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The text of `--help`. */
export const usage = (
  tools: readonly string[],
): string => `Measures suite against its peers, on the same files and interleaved.

  bun run bench TOOL [options]       tools: ${tools.join(", ")}

  --runs N           measured rounds of each case, after a warm-up (7)
  --only CASE        only the cases whose name begins with CASE; may be repeated
  --quick            small corpora and 3 rounds: shows that it works, proves nothing
  --install-peers    install missing peers through the system's package manager (as root)
  --out DIR          where the results go (bench/results)
  --publish          write them to docs/benchmarks too
  --cold HOW         before each cold measurement: drop (all caches, as root), advise (these files only),
                     off, or auto: drop where allowed, else advise
  --entries N        names on each side in the memory measurement (200000)
  -h, --help         this text

Corpora are made from fixed seeds in .cache/bench and kept there for the next time (5.5 GB).
`;

function wholeNumber(name: string, text: string | undefined, preset: number, min: number): number {
  if (text === undefined) return preset;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= 10_000_000) return value;
  throw new BenchError(`${name} takes a whole number from ${min}, not "${text}"`);
}

const COLD = ["auto", "drop", "advise", "off"] as const;

/** Reads the command line; throws a {@link BenchError} for what it does not know. */
export function parseBenchArgs(argv: readonly string[], tools: readonly string[]): BenchOptions {
  const { values, positionals } = strictArgs(argv);
  const [tool = "", ...rest] = positionals;
  if (!values.help && (!tools.includes(tool) || rest.length > 0)) {
    throw new BenchError(`name one tool to measure: ${tools.join(", ")}; see bun run bench --help`);
  }
  const quick = values.quick === true;
  const cold = COLD.find((how) => how === (values.cold ?? "auto"));
  if (!cold) throw new BenchError(`--cold takes ${COLD.join(", ")}, not "${values.cold}"`);
  return {
    tool,
    help: values.help === true,
    runs: wholeNumber("--runs", values.runs, quick ? 3 : 7, 1),
    only: values.only ?? [],
    quick,
    installPeers: values["install-peers"] === true,
    publish: values.publish === true,
    out: resolve(values.out ?? "bench/results"),
    cold,
    entries: wholeNumber("--entries", values.entries, quick ? 5_000 : 200_000, 1_000),
  };
}

function strictArgs(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        runs: { type: "string" },
        only: { type: "string", multiple: true },
        quick: { type: "boolean" },
        "install-peers": { type: "boolean" },
        publish: { type: "boolean" },
        out: { type: "string" },
        cold: { type: "string" },
        entries: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error));
  }
}
