// From a recipe to its compiles: globs become files, names of libraries become include folders.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { baseFlags } from "../flags.ts";
import type { Compiler } from "../toolchain.ts";
import { BuildError, storageError } from "../errors.ts";
import { sourceFolder, thirdPartyCache, type Wanted } from "./crates.ts";
import { pinsFile, type Pin } from "./pins.ts";
import type { Platform, Recipe, Sources, Unit } from "./recipe.ts";

/** A recipe with its pin, and where everything of it goes. Paths are relative to the root. */
export interface Library {
  readonly recipe: Recipe;
  readonly pin: Pin;
  /** The unpacked package. */
  readonly source: string;
  /** Names everything the archive was made from. */
  readonly key: string;
  /** Made headers, objects while they are needed, and the archive. */
  readonly folder: string;
  readonly generated: string;
  readonly configured: string;
  readonly archive: string;
  readonly uses: readonly Library[];
}

/** How third-party code is compiled: optimised in every variant, and without warnings, which are its authors' affair. */
export const thirdPartyFlags: readonly string[] = [
  ...baseFlags,
  "-O2",
  "-w",
  `-ffile-prefix-map=${thirdPartyCache}/src/=`,
];

/** Folder of the configuration headers of ours. */
const configFolder = "libcore/third_party/config";

/** What {@link resolveLibraries} needs to know. */
export interface ResolveContext {
  readonly root: string;
  readonly platform: Platform;
  readonly compiler: Compiler;
}

/** Brings recipes and pins together. The order is that of the recipes: a library comes after those it uses. */
export function resolveLibraries(recipes: readonly Recipe[], pins: readonly Pin[], context: ResolveContext): Library[] {
  const libraries: Library[] = [];
  for (const recipe of recipes) {
    const pin = pins.find(({ name }) => name === recipe.name);
    if (pin === undefined) throw new BuildError(`${pinsFile} has no entry for "${recipe.name}"`);
    const uses = (recipe.uses ?? []).map((name) => {
      const used = libraries.find((library) => library.pin.name === name);
      if (used === undefined)
        throw new BuildError(`the recipe of ${recipe.name} uses "${name}", which is not before it`);
      return used;
    });
    libraries.push(resolve(recipe, pin, uses, context));
  }
  return libraries;
}

function resolve(recipe: Recipe, pin: Pin, uses: readonly Library[], context: ResolveContext): Library {
  const source = sourceFolder(wantedOf(recipe, pin));
  const parts = [
    source,
    context.platform,
    context.compiler.fingerprint,
    thirdPartyFlags,
    // What `generate` writes is in its text; `configure` is too long for that and names its files.
    JSON.stringify({ ...recipe, generate: String(recipe.generate) }),
    (recipe.configuredBy ?? []).map((path) => codeOf(join(context.root, path))),
    recipe.config === true ? configHeaders(context.root, recipe.name) : [],
    ...(recipe.force ?? []).map((path) => readFileSync(join(context.root, path), "utf8")),
    uses.map(({ key }) => key),
  ];
  const key = new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  const folder = `${thirdPartyCache}/${context.platform.target}/${recipe.name}-${pin.version}-${key}`;
  return {
    recipe,
    pin,
    source,
    key,
    folder,
    generated: `${folder}/generated`,
    configured: `${folder}/configured`,
    archive: `${folder}/lib${recipe.name}.a`,
    uses,
  };
}

/** What has to be unpacked for a recipe. */
export function wantedOf({ unpack, empty = [], archives = [] }: Recipe, pin: Pin): Wanted {
  return { pin, unpack, empty, archives };
}

/** The text of a script without its comments and its layout, which decide nothing. */
function codeOf(path: string): string {
  return new Bun.Transpiler({ loader: "ts", minifyWhitespace: true }).transformSync(readFileSync(path, "utf8"));
}

function configHeaders(root: string, name: string): [string, string][] {
  const folder = join(root, configFolder, name);
  return readdirSync(folder)
    .sort()
    .map((file) => [file, readFileSync(join(folder, file), "utf8")]);
}

/** Include folders and definitions for code that uses the library. `option` is `-I`, or `-isystem` for code with warnings. */
export function userFlags(library: Library, option: "-I" | "-isystem"): string[] {
  const { recipe, source, generated, configured } = library;
  const { include = [], configured: made = [], flags = [] } = recipe.users ?? {};
  const folders = [
    ...(recipe.generate === undefined ? [] : [generated]),
    ...made.map((path) => `${configured}/${path}`),
    ...include.map((path) => `${source}/${path}`),
  ];
  return [...flags, ...folders.map((folder) => `${option}${folder}`)];
}

/** Writes what the library's own build would make from templates. */
export function writeGenerated(root: string, { recipe, pin, source, generated }: Library): void {
  const read = (path: string) => readFileSync(join(root, source, path), "utf8");
  for (const [name, text] of Object.entries(recipe.generate?.({ pin, read }) ?? {})) {
    writeWhole(join(root, generated, name), text);
  }
}

/** Writes a file so that it is never half there. */
function writeWhole(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.partial`, text);
    renameSync(`${path}.partial`, path);
  } catch (error) {
    throw storageError(error, "write", path);
  }
}

/** The compiles of a library that is a list of files, in a fixed order. */
export function unitsOf(root: string, library: Library): Unit[] {
  const { recipe, source } = library;
  const seen = new Set<string>();
  return recipe.sources.flatMap((sources) => {
    const { from, flags = [], as, together } = sources;
    const found = filesOf(join(root, source, from), sources);
    if (found.length === 0) {
      const names = sources.files.join(", ");
      throw new BuildError(`the recipe of ${recipe.name} names ${names} in ${from}, and nothing is there`);
    }
    if (together !== undefined) return unityUnits(root, library, sources, found, together);
    return found.map((file) => {
      const path = from === "." ? file : `${from}/${file}`;
      const object = `${as === undefined ? "" : `${as}__`}${path.replaceAll("/", "__")}.o`;
      if (seen.has(object)) throw new BuildError(`the recipe of ${recipe.name} compiles ${path} twice`);
      seen.add(object);
      return { source: `${source}/${path}`, object, flags: [...flags] };
    });
  });
}

/** The files of a folder that one entry of a recipe means, sorted. */
function filesOf(folder: string, { files, except = [] }: Sources): string[] {
  if (!existsSync(folder)) return [];
  const match = (patterns: readonly string[]) =>
    new Set(patterns.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync(folder)]));
  return [...match(files).difference(match(except))].sort();
}

/** Writes files that include the others, each about as much as the next, and gives their compiles. */
function unityUnits(root: string, library: Library, sources: Sources, found: readonly string[], count: number): Unit[] {
  const { source, generated } = library;
  const { from, flags = [], as = "together" } = sources;
  const sizes = found.map((file) => statSync(join(root, source, from, file)).size);
  const share = sizes.reduce((sum, size) => sum + size, 0) / count;
  const parts: string[][] = Array.from({ length: count }, () => []);
  // In the order of their names, so that the parts do not depend on more than the files.
  let before = 0;
  for (const [at, file] of found.entries()) {
    parts[Math.min(count - 1, Math.floor(before / share))]?.push(file);
    before += sizes[at] ?? 0;
  }
  return parts.map((files, at) => {
    const name = `${as}-${at + 1}.c`;
    const text = files.map((file) => `#include "${file}"\n`).join("");
    writeWhole(join(root, generated, name), text);
    return {
      source: `${generated}/${name}`,
      object: `${name}.o`,
      flags: [...flags, `-I${source}/${from}`],
      weight: share,
    };
  });
}

/** The command of one compile without its output. */
export function compileCommand(library: Library, unit: Unit, compiler: Compiler): string[] {
  const { recipe, source, generated } = library;
  const included = (folder: string) =>
    folder.startsWith("@generated/") ? `${generated}/${folder.slice("@generated/".length)}` : `${source}/${folder}`;
  return [
    ...compiler.command,
    ...thirdPartyFlags,
    ...(recipe.flags ?? []),
    ...(recipe.force ?? []).flatMap((path) => ["-include", path]),
    ...unit.flags,
    ...(recipe.config === true ? [`-I${configFolder}/${recipe.name}`] : []),
    ...(recipe.include ?? []).map((folder) => `-I${included(folder)}`),
    ...userFlags(library, "-I"),
    ...library.uses.flatMap((used) => userFlags(used, "-I")),
    "-c",
    unit.source,
  ];
}
