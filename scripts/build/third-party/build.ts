// Builds the archives of the third-party libraries that are not there yet. An archive lies in a folder whose name is a
// hash of everything it is made from, so one that exists is good: a build with nothing to do looks at their names only.
// Objects are renamed into place when they are complete, so an interrupted build goes on where it was.
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BuildError, storageError } from "../errors.ts";
import { defaultJobs } from "../jobs.ts";
import { withLock } from "../lock.ts";
import type { BuildEvent } from "../options.ts";
import { runTool } from "../step.ts";
import type { Compiler } from "../toolchain.ts";
import { markUsed, removeUnused } from "../unused.ts";
import { ensureSources, thirdPartyCache } from "./crates.ts";
import {
  compileCommand,
  resolveLibraries,
  unitsOf,
  userFlags,
  wantedOf,
  writeGenerated,
  type Library,
} from "./expand.ts";
import { licenceBundle } from "./licences.ts";
import { readPins } from "./pins.ts";
import type { Half, Platform, Recipe, Unit } from "./recipe.ts";
import { recipesFor } from "./recipes.ts";
import { Slots } from "./slots.ts";

/** What to build. */
export interface ThirdPartyOptions {
  readonly root: string;
  readonly platform: Platform;
  readonly compiler: Compiler;
  /** The program that makes archives. */
  readonly ar: readonly string[];
  readonly half: Half;
  /** @default those of recipes.ts for this platform and half */
  readonly recipes?: readonly Recipe[];
  readonly jobs: number | undefined;
  readonly onEvent: (event: BuildEvent) => void;
}

/** The result, for the compiles and the links of our own code. Paths are relative to the root. */
export interface ThirdParty {
  readonly archives: readonly string[];
  /** Include folders and definitions. */
  readonly flags: readonly string[];
  /** The text of all licences. */
  readonly licences: string;
  /** Names of the libraries that had to be built. */
  readonly built: readonly string[];
}

/** Makes every archive of this half be there. A tree without pins has none. */
export async function buildThirdParty(options: ThirdPartyOptions): Promise<ThirdParty> {
  const { root, platform, half, recipes = recipesFor(platform, half), onEvent } = options;
  const pins = readPins(root);
  if (pins.length === 0) return { archives: [], flags: [], licences: "", built: [] };
  const libraries = resolveLibraries(recipes, pins, options);
  const wanted = libraries.map(({ recipe, pin }) => wantedOf(recipe, pin));
  const lock = `${thirdPartyCache}/lock.db`;
  const onWait = () => onEvent({ type: "wait", lock });
  const isMissing = ({ archive, source }: Library) =>
    !existsSync(join(root, archive)) || !existsSync(join(root, source));

  let built: readonly string[] = [];
  if (await lookUp(root, libraries, isMissing)) {
    built = await withLock(join(root, lock), onWait, async () => {
      await ensureSources(root, wanted, (packages) => onEvent({ type: "fetch", by: "cargo", packages }));
      const missing = libraries.filter(({ archive }) => !existsSync(join(root, archive)));
      await buildAll(missing, options);
      await dropUnused(libraries, options);
      return missing.map(({ pin }) => pin.name);
    });
  }
  return {
    archives: libraries.map(({ archive }) => archive),
    flags: libraries.flatMap((library) => userFlags(library, "-isystem")),
    licences: licenceBundle(root, libraries),
    built,
  };
}

/** Held for a moment, to look at the archives or to drop some, and never while anything is built. */
const usesLock = `${thirdPartyCache}/uses.db`;

/** Whether any library is missing. Those that are there are noted as used, before anybody can drop them. */
function lookUp(
  root: string,
  libraries: readonly Library[],
  isMissing: (library: Library) => boolean,
): Promise<boolean> {
  return withLock(
    join(root, usesLock),
    () => {},
    async () => {
      markUsed(libraries.flatMap(({ folder, source }) => [join(root, folder), join(root, source)]));
      return libraries.some(isMissing);
    },
  );
}

/**
 * Removes archives and sources that no recipe asks for and no build has used for a while. The libraries of the other half
 * are asked for too; those of other compilers and branches stay as long as they are used.
 */
async function dropUnused(libraries: readonly Library[], options: ThirdPartyOptions): Promise<void> {
  const { root, platform, recipes = recipesFor(platform, "net") } = options;
  const all = [...libraries, ...resolveLibraries(recipes, readPins(root), options)];
  await withLock(
    join(root, usesLock),
    () => {},
    async () => {
      const names = (pick: (library: Library) => string) => new Set(all.map((library) => basename(pick(library))));
      removeUnused(
        join(root, thirdPartyCache, platform.target),
        names(({ folder }) => folder),
      );
      removeUnused(
        join(root, thirdPartyCache, "src"),
        names(({ source }) => source),
      );
    },
  );
}

async function buildAll(libraries: readonly Library[], options: ThirdPartyOptions): Promise<void> {
  const progress = new Progress(options.onEvent);
  const jobs = options.jobs ?? defaultJobs();
  const slots = new Slots(jobs);
  const ready = new Map<string, Promise<readonly Unit[]>>();
  // A library waits for the headers of those it uses, and not for their objects.
  const prepared = (library: Library): Promise<readonly Unit[]> => {
    const known = ready.get(library.key);
    if (known !== undefined) return known;
    const made = prepare(library, slots, { ...options, jobs });
    ready.set(library.key, made);
    return made;
  };
  const building = libraries.map(async (library) => {
    const units = await prepared(library);
    // A used library that is built already has its headers.
    await Promise.all(library.uses.filter((used) => libraries.includes(used)).map(prepared));
    await buildOne(library, units, slots, progress, options);
  });
  const failed = (await Promise.allSettled(building)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function prepare(
  library: Library,
  slots: Slots,
  { root, platform, compiler, jobs }: ThirdPartyOptions & { jobs: number },
): Promise<readonly Unit[]> {
  const { recipe, source, configured } = library;
  writeGenerated(root, library);
  if (recipe.configure === undefined) return unitsOf(root, library);
  const { configure } = recipe;
  // Heavier than any file: what it makes is what most other files wait for.
  return slots.run(Infinity, () => configure({ root, source, folder: configured, platform, compiler, jobs }));
}

async function buildOne(
  library: Library,
  units: readonly Unit[],
  slots: Slots,
  progress: Progress,
  { root, compiler, ar, onEvent }: ThirdPartyOptions,
): Promise<void> {
  const objects = units.map(({ object }) => `${library.folder}/objects/${object}`);
  const todo = units.filter((_, at) => !existsSync(join(root, objects[at] ?? "")));
  progress.expect(todo.length);
  const compile = async (unit: Unit) => {
    const output = `${library.folder}/objects/${unit.object}`;
    const command = compileCommand(library, unit, compiler);
    const file = [library.source, library.folder].reduce((path, folder) => path.replace(`${folder}/`, ""), unit.source);
    const name = `${library.pin.name}: ${file}`;
    onEvent({ type: "step", kind: "compile", output, command });
    await produce(root, output, name, (partial) => [...command, "-o", partial]);
    progress.done(name);
  };
  await Promise.all(todo.map((unit) => slots.run(unit.weight ?? sizeOf(join(root, unit.source)), () => compile(unit))));

  // The list goes through a file: a thousand names are more than some systems take on a command line.
  const list = `${library.folder}/objects.txt`;
  try {
    writeFileSync(join(root, list), `${objects.join("\n")}\n`);
  } catch (error) {
    throw storageError(error, "write", list);
  }
  await produce(root, library.archive, `lib${library.pin.name}.a`, (partial) => [...ar, "qcsD", partial, `@${list}`]);
  rmSync(join(root, library.folder, "objects"), { recursive: true, force: true });
}

/** Runs a command that writes beside the output, and renames the result into place. */
async function produce(
  root: string,
  output: string,
  name: string,
  command: (partial: string) => readonly string[],
): Promise<void> {
  const partial = `${output}.partial`;
  try {
    mkdirSync(dirname(join(root, output)), { recursive: true });
    rmSync(join(root, partial), { force: true });
    await runTool(root, command(partial), { action: `build ${name}`, output });
    renameSync(join(root, partial), join(root, output));
  } catch (error) {
    throw storageError(error, "write", output);
  }
}

function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new BuildError(`${path} is gone`, { hint: "Delete the folder .cache and run again." });
  return stat.size;
}

/** Counts over all libraries; the total grows as they get ready. */
class Progress {
  #done = 0;
  #total = 0;
  readonly #onEvent: (event: BuildEvent) => void;

  constructor(onEvent: (event: BuildEvent) => void) {
    this.#onEvent = onEvent;
  }

  expect(count: number): void {
    this.#total += count;
  }

  done(name: string): void {
    this.#onEvent({ type: "done", done: ++this.#done, total: this.#total, name });
  }
}
