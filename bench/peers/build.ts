// Builds the plain comparers: what a file comparer costs when somebody writes it in Go or Rust without further thought.
// `bun bench/peers/build.ts` builds both below .cache/bench/peers and says what is missing.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** One of our own comparers. */
export interface Plain {
  /** Absolute path of the program; nothing when it could not be built. */
  readonly path?: string;
  /** Why there is none. */
  readonly absent?: string;
}

/** Names of the comparers. */
export const PLAIN = ["go", "rust"] as const;

/** One of {@link PLAIN}. */
export type PlainName = (typeof PLAIN)[number];

/** What builds one of them. */
interface Recipe {
  readonly sources: readonly string[];
  /** Finds the compiler: its path, or why there is none. */
  readonly compiler: (cache: string) => string | undefined;
  readonly version: readonly string[];
  readonly lacking: string;
  readonly argv: (compiler: string, output: string) => string[];
  readonly env: (version: string, cache: string) => Record<string, string>;
}

const here = import.meta.dir;
const ownGo = (cache: string) => join(cache, "go", "go", "bin", "go");

const RECIPES: Record<PlainName, Recipe> = {
  go: {
    sources: ["go.mod", "main.go"],
    compiler: (cache) => Bun.which("go") ?? (existsSync(ownGo(cache)) ? ownGo(cache) : undefined),
    version: ["version"],
    lacking: "no go in PATH; --install-peers brings one",
    argv: (compiler, output) => [compiler, "build", "-trimpath", "-buildvcs=false", "-o", output, "."],
    // What is installed is what is measured: go fetches no other version of itself, and asks no network.
    env: (_, cache) => ({
      GOTOOLCHAIN: "local",
      GOPROXY: "off",
      GOFLAGS: "",
      GOCACHE: join(cache, "go-build"),
      GOENV: "off",
    }),
  },
  rust: {
    sources: ["main.rs"],
    compiler: () => Bun.which("rustc") ?? undefined,
    version: ["--version"],
    lacking: "no rustc in PATH; --install-peers brings one where it may install packages",
    argv: (compiler, output) => [
      compiler,
      ..."--edition 2021 -C opt-level=3 -C codegen-units=1 -C panic=abort -o".split(" "),
      output,
      "main.rs",
    ],
    env: (version) => ({ COMPILER: version }),
  },
};

/** Runs a command to its end: its standard output, or what it complained of. */
function run(argv: string[], cwd: string, env: Record<string, string>): { ok: boolean; said: string } {
  const { success, stdout, stderr } = Bun.spawnSync(argv, {
    cwd,
    env: { ...process.env, ...env },
    stdin: "ignore",
    timeout: 300_000,
    killSignal: "SIGKILL",
  });
  return { ok: success, said: (success ? stdout : stderr).toString().trim() };
}

/** Builds one comparer below `cache`, unless it is there from the same sources and compiler. */
export function buildPlain(name: PlainName, cache: string): Plain {
  const recipe = RECIPES[name];
  const compiler = recipe.compiler(cache);
  if (compiler === undefined) return { absent: recipe.lacking };
  mkdirSync(cache, { recursive: true });
  const folder = join(here, name);
  const found = run([compiler, ...recipe.version], folder, recipe.env("", cache));
  if (!found.ok) return { absent: `the compiler does not run: ${found.said.split("\n").at(-1)}` };
  const path = join(cache, `plain-${name}`);
  const argv = recipe.argv(compiler, path);
  const key = createHash("sha256").update(JSON.stringify([found.said, argv]));
  for (const source of recipe.sources) key.update(readFileSync(join(folder, source)));
  const stamp = `${path}.made`;
  const made = key.digest("hex");
  if (existsSync(path) && existsSync(stamp) && readFileSync(stamp, "utf8") === made) return { path };
  const built = run(argv, folder, recipe.env(found.said, cache));
  if (!built.ok) return { absent: `it does not compile: ${built.said.split("\n").at(-1)}` };
  writeFileSync(stamp, made);
  return { path };
}

/** Builds all, and says aloud which are missing. */
export function buildPlains(cache: string): Record<PlainName, Plain> {
  const plain = (name: PlainName): Plain => {
    const built = buildPlain(name, cache);
    if (built.absent) process.stderr.write(`bench: no plain comparer in ${name}: ${built.absent}\n`);
    return built;
  };
  return { go: plain("go"), rust: plain("rust") };
}

/** Fetches the pinned Go with pip, where none is installed: what went wrong, or nothing. Needs no privileges. */
export function fetchGo(cache: string): string | undefined {
  if (RECIPES.go.compiler(cache) !== undefined) return undefined;
  const folder = join(cache, "go");
  const pip = "python3 -m pip install --quiet --no-deps --only-binary :all: --require-hashes --upgrade --target".split(
    " ",
  );
  const { ok, said } = run([...pip, folder, "-r", join(here, "requirements.txt")], here, {});
  if (!ok) return `pip cannot bring Go: ${said.split("\n").at(-1)}`;
  return undefined;
}

if (import.meta.main) {
  const cache = resolve(here, "../../.cache/bench/peers");
  for (const [name, { path, absent }] of Object.entries(buildPlains(cache))) {
    process.stdout.write(`${name}: ${path ?? `absent (${absent})`}\n`);
  }
}
