// Programs and library calls as contenders of one case.
import { mkdirSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Corpus } from "../lib/corpus.ts";
import { Host, type Job } from "../lib/host.ts";
import { maxResident, observed, shellWords, timed } from "../lib/process.ts";
import type { Contender } from "../lib/runner.ts";
import type { FoundProgram } from "./peers.ts";

/** What is true of the two sides. */
export type Expected = "equal" | "different";

/** A word of a command as it is printed: never where things lie on this machine. */
function shown(word: string): string {
  if (!word.startsWith("/") || word.startsWith("/dev/")) return word;
  const path = relative(process.cwd(), word);
  return path.startsWith("..") ? basename(word) : path + (word.endsWith("/") ? "/" : "");
}

/** A command as it is printed. */
export const shownCommand = (argv: readonly string[]): string => shellWords(argv.map(shown));

/** A program that is started for each measurement. Nothing when it cannot compare such sides. */
export function commandContender(program: FoundProgram, corpus: Corpus, expected: Expected): Contender | undefined {
  const argv = program.argv(corpus);
  if (!argv) return undefined;
  let usual: number | undefined;
  const { scratch } = program;
  const prepare = () => {
    if (scratch === undefined) return;
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch, { recursive: true });
  };
  const absent =
    program.absent ??
    (program.found === undefined ? (program.id === "komparu" ? "cannot be imported" : "not installed") : undefined);
  return {
    id: program.id,
    label: program.label === "diff -q" && corpus.tree ? "diff -rq" : program.label,
    kind: "cli",
    version: program.found ?? "",
    command: shownCommand(argv),
    ...(absent !== undefined && { absent }),
    ...(program.slow && { once: true }),
    check: async () => {
      prepare();
      const { exit, stdout, stderr } = await observed(argv);
      const verdict = program.verdict(exit, stdout);
      usual = exit;
      if (verdict === expected || (program.blind && exit === 0)) return;
      const said = stderr.trim().split("\n").at(-1) ?? "";
      throw new Error(verdict ? `says ${verdict}` : `failed with exit code ${exit}${said && `: ${said}`}`);
    },
    measure: async () => {
      prepare();
      const sample = await timed(argv);
      // One that gives up early must not win by that.
      if (sample.exit !== usual) throw new Error(`ended with exit code ${sample.exit} in a later run`);
      return sample;
    },
    ...(!program.slow && {
      resident: () => {
        prepare();
        return maxResident(argv);
      },
    }),
  };
}

/** A library call. */
export interface Call {
  readonly id: string;
  readonly label: string;
  /** A task of api.ts. */
  readonly task: string;
  readonly options?: Record<string, unknown>;
  readonly version: string;
  /** It reads without comparing: the answer says nothing. */
  readonly blind?: boolean;
}

/** The warm processes of one case: one for each task, so that none carries what another left behind. */
export class Hosts implements AsyncDisposable {
  readonly #hosts = new Map<string, Host>();

  get(key: string): Host {
    const host = this.#hosts.get(key) ?? new Host(join(import.meta.dir, "api.ts"));
    this.#hosts.set(key, host);
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts.values()) await host[Symbol.asyncDispose]();
  }
}

/** A library call in its warm process, `times` of them in each measurement. */
export function callContender(call: Call, corpus: Corpus, expected: Expected, times: number, hosts: Hosts): Contender {
  const job: Job = {
    task: call.task,
    left: corpus.left,
    right: corpus.right,
    times,
    ...(call.options && { options: call.options }),
  };
  const options = call.options ? `, ${JSON.stringify(call.options)}` : "";
  return {
    id: call.id,
    label: call.label,
    kind: "api",
    version: call.version,
    command: `${call.task}(${shown(corpus.left)}, ${shown(corpus.right)}${options})`,
    check: async () => {
      const { equal } = await hosts.get(call.id).run({ ...job, times: 1 });
      if (!call.blind && equal !== (expected === "equal")) throw new Error(`says ${equal ? "equal" : "different"}`);
    },
    measure: () => hosts.get(call.id).run(job),
    resident: async () => (await hosts.get(call.id).run({ ...job, times: 1 })).residentBytes,
  };
}
