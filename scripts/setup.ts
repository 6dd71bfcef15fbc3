// Makes a fresh machine ready. Each command here calls what it needs first; `bun scripts/setup.ts` does all of it.
// Nothing here may import from node_modules: this is what fills it.
import { repositoryRoot } from "./build/layout.ts";
import { ensureDependencies } from "./setup/dependencies.ts";
import { SetupError } from "./setup/error.ts";
import { extraTools } from "./setup/extras.ts";
import { detectSystem, explainLacks, installPackages, mayInstall, packagesFor, type Lack } from "./setup/install.ts";
import { tools, type Tool, type ToolName } from "./setup/tools.ts";

export { ensureDependencies } from "./setup/dependencies.ts";
export { SetupError } from "./setup/error.ts";

/** What `demo` needs: a compiler for the library, and what fetches and prepares the libraries inside it. */
export const demoTools: readonly ToolName[] = ["bun", "cc", "cargo", "perl", "make", "tar"];

/** What `verify` needs: also the sanitizers, and the programs our answers are compared with. */
export const verifyTools: readonly ToolName[] = [
  "bun",
  "cc",
  "chromium",
  "clang",
  "git",
  "rsync",
  "diffutils",
  "util-linux",
  "attr",
  "xfsprogs",
  ...demoTools.filter((name) => name !== "bun" && name !== "cc"),
];

/**
 * Makes sure that all of these tools are here, before anything is built. What is missing or too old is reported all at
 * once in a {@link SetupError}; as root with `CI=true` or `SUITE_SETUP=auto` it is installed first and looked for again.
 */
export function ensureTools(names: readonly ToolName[]): void {
  let lacks = findLacks(names);
  if (lacks.length === 0) return;
  const system = detectSystem();
  if (mayInstall() && system !== undefined) {
    const failure = installPackages(system, packagesFor(system, lacks));
    lacks = findLacks(names);
    if (lacks.length === 0) return;
    if (failure !== undefined) throw new SetupError(`${failure}\n${explainLacks(lacks)}`);
  }
  throw new SetupError(explainLacks(lacks));
}

/**
 * Installs what some tests of `verify` are skipped without, where tools may be installed at all. That it cannot be had is
 * no error: the tests say then what they lack.
 */
export function ensureExtras(extras: readonly Tool[] = extraTools): void {
  if (!mayInstall()) return;
  const lacks = extras.map((tool) => ({ tool, found: tool.find() })).filter(({ found }) => found === undefined);
  const system = detectSystem();
  const packages = system === undefined ? [] : packagesFor(system, lacks);
  if (system === undefined || packages.length === 0) return;
  const failure = installPackages(system, packages);
  if (failure !== undefined) process.stderr.write(`setup: ${failure}\n`);
}

/** The tools of the list that are missing or not good enough. */
export function findLacks(names: readonly ToolName[]): Lack[] {
  return names
    .map((name) => ({ tool: tools[name], found: tools[name].find() }))
    .filter(({ found }) => found === undefined || !found.good);
}

async function main(): Promise<number> {
  try {
    ensureTools(verifyTools);
    ensureExtras();
    const installed = await ensureDependencies();
    process.stderr.write(`setup: ready in ${repositoryRoot}${installed ? ", packages installed" : ""}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(error.message);
    return error.exitCode;
  }
}

if (import.meta.main) process.exitCode = await main();
