// Who else compares files: how each is found, installed and told to compare.
import { dirname, join, relative } from "node:path";
import { detectSystem, installPackages } from "../../scripts/setup/install.ts";
import type { System } from "../../scripts/setup/tools.ts";
import { BenchError } from "../lib/args.ts";
import type { Corpus } from "../lib/corpus.ts";
import { text } from "../lib/machine.ts";
import { fetchGo, type Plain, type PlainName } from "../peers/build.ts";

/** What a run of a program says about the two sides; nothing when it failed. */
export type Verdict = (exit: number, stdout: string) => "equal" | "different" | undefined;

/** A program to measure. */
export interface Program {
  readonly id: string;
  readonly label: string;
  /** Its first word, looked for in PATH. */
  readonly program: string;
  /** What prints its version, and the start of it is measured with. */
  readonly version: readonly string[];
  /** Package names, where a package manager can bring it. */
  readonly packages?: Partial<Record<System, string>>;
  /** The command for two sides, or nothing when it cannot compare them. */
  readonly argv: (corpus: Corpus) => string[] | undefined;
  readonly verdict: Verdict;
  /** Why it cannot take part, where that is known before it is looked for. */
  readonly absent?: string;
  /** It reads without comparing: the answer says nothing. */
  readonly blind?: boolean;
  /** Takes so long that it is measured once. */
  readonly slow?: boolean;
  /** A folder that is to be empty when it starts; emptying it is not measured. */
  readonly scratch?: string;
}

/** A program as it was found. */
export interface FoundProgram extends Program {
  /** Nothing when it is absent. */
  readonly found: string | undefined;
}

/** 0 and 1, as most comparers have it. */
export const byExit: Verdict = (exit) => (exit === 0 ? "equal" : exit === 1 ? "different" : undefined);
/** For programs that say what they would do and end with 0. */
const byOutput: Verdict = (exit, stdout) => (exit !== 0 ? undefined : stdout.trim() === "" ? "equal" : "different");

/** A package of the same name on all systems. */
export const everywhere = (name: string): Partial<Record<System, string>> => ({
  debian: name,
  fedora: name,
  alpine: name,
  macos: name,
});
/** Both sides as they are. */
export const both = ({ left, right }: Corpus) => [left, right];
const directories = ({ leftDir, rightDir }: Corpus) => [`${leftDir}/`, `${rightDir}/`];
const root = dirname(dirname(import.meta.dir));
const here = (path: string) => relative(process.cwd(), join(root, path));

/** suite, as a person starts it from a checkout. */
export function suiteProgram(id: string, ...flags: string[]): Program {
  const cli = here("cli/main.ts");
  return {
    id,
    label: ["suite compare", ...flags].join(" "),
    program: "bun",
    version: ["bun", cli, "--version"],
    argv: (corpus) => ["bun", cli, "compare", ...flags, ...both(corpus)],
    verdict: byExit,
  };
}

/** suite as one executable, where it could be built: see compiled.ts. */
export function compiledProgram(path: string | undefined, ...flags: string[]): Program {
  const program = path ?? "suite";
  return {
    id: "suite-compiled",
    label: ["suite compare, compiled", ...flags].join(" "),
    program,
    version: [program, "--version"],
    argv: (corpus) => [program, "compare", ...flags, ...both(corpus)],
    verdict: byExit,
  };
}

/** The interpreter itself: the `python3` in PATH may be a script that takes longer to find it than it works. */
const interpreter = text(["python3", "-c", "import sys; print(sys.executable)"]) || "python3";

/** One of our own comparers: see bench/peers. */
export function plainProgram(name: PlainName, { path, absent }: Plain): Program {
  const program = path ?? `plain-${name}`;
  return {
    id: `plain-${name}`,
    label: `plain read in ${name === "go" ? "Go" : "Rust"}`,
    program,
    version: [program, "--version"],
    argv: (corpus) => [program, ...both(corpus)],
    verdict: byExit,
    ...(absent !== undefined && { absent }),
  };
}

function python(id: string, label: string, script: string, version: readonly string[]): Program {
  const path = here(`bench/compare/${script}`);
  return {
    id,
    label,
    program: "python3",
    version: [interpreter, ...version],
    argv: (corpus) => [interpreter, path, ...both(corpus)],
    // 1 is what any error ends Python with.
    verdict: (exit) => (exit === 0 ? "equal" : exit === 3 ? "different" : undefined),
  };
}

function rclone(id: string, label: string, ...flags: string[]): Program {
  return {
    id,
    label,
    program: "rclone",
    version: ["rclone", "--version"],
    packages: everywhere("rclone"),
    argv: (corpus) => ["rclone", "check", ...flags, ...directories(corpus)],
    verdict: byExit,
  };
}

const diffutils = everywhere("diffutils");

/** All programs that suite is measured against. */
export const PROGRAMS: readonly Program[] = [
  {
    id: "cmp",
    label: "cmp -s",
    program: "cmp",
    version: ["cmp", "--version"],
    packages: diffutils,
    argv: (corpus) => (corpus.tree ? undefined : ["cmp", "-s", ...both(corpus)]),
    verdict: byExit,
  },
  {
    id: "diff",
    label: "diff -q",
    program: "diff",
    version: ["diff", "--version"],
    packages: diffutils,
    argv: (corpus) => ["diff", corpus.tree ? "-rq" : "-q", ...both(corpus)],
    verdict: byExit,
  },
  {
    id: "git",
    label: "git diff --no-index --quiet",
    program: "git",
    version: ["git", "--version"],
    packages: everywhere("git"),
    argv: (corpus) => ["git", "diff", "--no-index", "--quiet", ...both(corpus)],
    verdict: byExit,
  },
  {
    id: "rsync",
    label: "rsync -nrc -i",
    program: "rsync",
    version: ["rsync", "--version"],
    packages: everywhere("rsync"),
    argv: (corpus) => ["rsync", "-nrc", "-i", ...directories(corpus)],
    verdict: byOutput,
  },
  rclone("rclone", "rclone check"),
  rclone("rclone-download", "rclone check --download", "--download"),
  {
    ...python("filecmp", "Python filecmp", "peer_filecmp.py", ["--version"]),
    packages: { debian: "python3", fedora: "python3", alpine: "python3", macos: "python" },
  },
  python("hashlib", "Python hashlib, SHA-256", "peer_hashlib.py", ["--version"]),
  python("komparu", "komparu", "peer_komparu.py", [
    "-c",
    "from importlib.metadata import version; import komparu; print('komparu', version('komparu'))",
  ]),
];

/** Programs that are no peers, but are measured with. */
const TOOLS: readonly { readonly program: string; readonly packages: Partial<Record<System, string>> }[] = [
  { program: "time", packages: { debian: "time", fedora: "time", macos: "gnu-time" } },
  { program: "rustc", packages: { debian: "rustc", fedora: "rust", alpine: "rust", macos: "rust" } },
];

/** Finds a program and its version. */
export function find(program: Program): FoundProgram {
  let found: string | undefined;
  if (Bun.which(program.program)) {
    const { success, stdout } = Bun.spawnSync([...program.version], { stdin: "ignore", stderr: "ignore" });
    found = success ? stdout.toString().trim().split("\n")[0] : undefined;
  }
  return { ...program, found };
}

/** Installs what is missing and has a package. Throws where that is not possible. */
export function installPeers(programs: readonly Program[], plains: string): void {
  const problem = fetchGo(plains);
  if (problem) process.stderr.write(`bench: ${problem}\n`);
  const system = detectSystem();
  const missing = programs.filter((program) => find(program).found === undefined);
  const tools = TOOLS.filter(({ program }) => !Bun.which(program) && !Bun.which(`g${program}`));
  const wanted = [...missing, ...tools].flatMap(({ packages }) => (system && packages?.[system]) ?? []);
  const packages = [...new Set(wanted)];
  if (packages.length === 0) return;
  if (!system) throw new BenchError("--install-peers knows no package manager that is on this machine", 4);
  if (process.getuid?.() !== 0) {
    throw new BenchError(`--install-peers needs root; or install yourself: ${packages.join(" ")}`, 4);
  }
  const failure = installPackages(system, packages);
  if (failure) throw new BenchError(failure, 4);
}
