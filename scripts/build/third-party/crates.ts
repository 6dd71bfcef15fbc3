// From pins to sources: each package is downloaded once, compared with its pin, and unpacked into the cache as far as
// it is needed. The folder's name carries the hash, so a folder that exists is complete and never changes.
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BuildError, storageError } from "../errors.ts";
import { downloadsOf, fetchCrates } from "./cargo.ts";
import type { Pin } from "./pins.ts";

/** Below the root: everything third-party, shared by all variants. May be deleted at any time. */
export const thirdPartyCache = ".cache/third-party";

/** A package, and what of it a build needs. */
export interface Wanted {
  readonly pin: Pin;
  /** Folders and files in the package. */
  readonly unpack: readonly string[];
  /** Files to make, with nothing in them, beside what is unpacked. */
  readonly empty: readonly string[];
  /** Archives inside the package: unpacked into a folder of the archive's name without `.tar.gz`. */
  readonly archives: readonly string[];
}

/** Where the sources of a library are, relative to the root. */
export function sourceFolder({ pin, unpack, empty, archives }: Wanted): string {
  const content = new Bun.CryptoHasher("sha256").update(
    JSON.stringify([pin.sha256, unpack, empty, archives, pin.licenceFiles]),
  );
  return `${thirdPartyCache}/src/${pin.name}-${pin.version}-${content.digest("hex").slice(0, 12)}`;
}

/** Makes the sources of all libraries be there. `onFetch` is called once with the packages cargo has to look for. */
export async function ensureSources(
  root: string,
  wanted: readonly Wanted[],
  onFetch: (crates: readonly string[]) => void,
): Promise<void> {
  const missing = wanted.filter((one) => !existsSync(join(root, sourceFolder(one))));
  const absent = missing.map(({ pin }) => pin).filter((pin) => downloadsOf(pin).length === 0);
  if (absent.length > 0) {
    onFetch(absent.map((pin) => `${pin.crate} ${pin.crateVersion}`));
    await fetchCrates(absent, join(root, thirdPartyCache, "fetch"));
  }
  for (const one of missing) await unpack(root, one, await verifiedDownload(one.pin));
}

/** The downloaded package whose hash is the pin's. Refuses, by name, what is not what the pin says. */
export async function verifiedDownload(pin: Pin): Promise<string> {
  const paths = downloadsOf(pin);
  const name = `${pin.crate} ${pin.crateVersion}`;
  if (paths.length === 0) {
    throw new BuildError(`cargo ended well, but ${name} is not among its downloads`, {
      hint: `The build reads the .crate files in the folder registry/cache of cargo's home. A cargo that is set up to
take packages from a folder instead (a vendored source) keeps none: let it download this one.`,
    });
  }
  const seen: string[] = [];
  for (const path of paths) {
    const sha256 = await hashFile(path);
    if (sha256 === pin.sha256) return path;
    seen.push(`  ${path}\n    has  ${sha256}`);
  }
  throw new BuildError(
    `refused ${name} (for ${pin.name}): not the file that is pinned\n${seen.join("\n")}
    want ${pin.sha256}`,
    {
      hint: `Most likely the download was damaged: delete the file named above and run the same command again. If the hash
is the same then, the mirror serves something else than what was reviewed; do not use it.`,
    },
  );
}

async function hashFile(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  try {
    for await (const chunk of createReadStream(path)) hasher.update(chunk as Buffer);
  } catch (error) {
    throw new BuildError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  return hasher.digest("hex");
}

async function unpack(root: string, wanted: Wanted, file: string): Promise<void> {
  const { pin, archives, empty } = wanted;
  const folder = join(root, sourceFolder(wanted));
  const partial = `${folder}.partial`;
  const prefix = `${pin.crate}-${pin.crateVersion}/`;
  const fromArchive = (path: string) => archives.some((name) => path.startsWith(`${name.replace(/\.tar\.gz$/, "")}/`));
  const named = [...wanted.unpack, ...archives, ...pin.licenceFiles.filter((path) => !fromArchive(path))];
  // tar takes a name for missing when a folder named before it has brought the file already.
  const paths = new Set(named.filter((path) => !named.some((other) => path.startsWith(`${other}/`))));
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await untar(
      file,
      partial,
      [...paths].map((path) => prefix + path),
    );
    for (const name of archives) {
      const inner = join(partial, name.replace(/\.tar\.gz$/, ""));
      mkdirSync(inner, { recursive: true });
      await untar(join(partial, name), inner, []);
      rmSync(join(partial, name));
    }
    for (const path of empty) {
      mkdirSync(dirname(join(partial, path)), { recursive: true });
      writeFileSync(join(partial, path), "");
    }
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw storageError(error, "unpack sources to", folder);
  }
}

/** Unpacks without the outermost folder, and never with the owner that the archive names. */
async function untar(file: string, folder: string, paths: readonly string[]): Promise<void> {
  const command = ["tar", "-x", "-z", "-o", "-f", file, "-C", folder, "--strip-components=1", ...paths];
  if (Bun.which("tar") === null) {
    throw new BuildError("tar was not found", { hint: "It unpacks the sources of the third-party libraries." });
  }
  const child = Bun.spawn(command, { env: { ...process.env, LC_ALL: "C" }, stdin: "ignore", stderr: "pipe" });
  const [stderr, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code === 0) return;
  if (/No space left on device/.test(stderr)) throw Object.assign(new Error(stderr), { code: "ENOSPC" });
  throw new BuildError(`tar could not unpack ${file} (exit code ${code})\n${stderr.trim()}`);
}
