// zig, a C compiler for every target in one package, with the headers of their C libraries. pip downloads it, with its
// own settings for mirrors and proxies, and compares it with the hashes in zig-requirements.txt.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildError, storageError } from "./errors.ts";
import { withLock } from "./lock.ts";
import type { BuildEvent } from "./options.ts";
import { markUsed, removeUnused } from "./unused.ts";

/** Below the root: the compilers and what they cache. May be deleted at any time. */
const zigCache = ".cache/zig";

const requirements = join(import.meta.dir, "zig-requirements.txt");

/** How to get pip, per system. */
export const pipInstallHint = `pip downloads the compiler for other targets:
  Debian, Ubuntu   apt-get install -y python3-pip
  Fedora           dnf install -y python3-pip
  Alpine           apk add py3-pip
Or name a compiler for that target with --cc.`;

/** Neither is a zig here, nor can pip download one: for those that can do without. */
export class ZigMissing extends BuildError {}

/** A zig that is here. */
export interface Zig {
  /** How to start it: it keeps its own cache beside it, whatever the user's is. */
  readonly command: readonly string[];
  /** Version and hashes, the same on every machine. */
  readonly fingerprint: string;
}

/**
 * Makes the pinned zig be there: about 100 MB are downloaded the first time. Throws {@link ZigMissing} where it is not to
 * be had, and another {@link BuildError} where it is not what it should be.
 */
export async function ensureZig(root: string, onEvent: (event: BuildEvent) => void): Promise<Zig> {
  const { name, title, fingerprint } = pinnedZig(readFileSync(requirements, "utf8"));
  const folder = join(root, zigCache, name);
  const program = join(folder, "ziglang/zig");
  const lock = join(zigCache, "lock.db");
  await withLock(
    join(root, lock),
    () => onEvent({ type: "wait", lock }),
    async () => {
      markUsed([folder]);
      if (existsSync(program)) return;
      onEvent({ type: "fetch", by: "pip", packages: [title] });
      await install(folder);
      removeUnused(join(root, zigCache), new Set([name]));
    },
  );
  const cache = join(folder, "cache");
  return { command: ["env", `ZIG_GLOBAL_CACHE_DIR=${cache}`, `ZIG_LOCAL_CACHE_DIR=${cache}`, program], fingerprint };
}

/** Reads the pin: the name of its folder, what to call it, and what stands for it in hashes of commands. */
export function pinnedZig(text: string): { name: string; title: string; fingerprint: string } {
  const version = /^ziglang==(\S+)/m.exec(text)?.[1];
  const hashes = [...text.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, hash = ""]) => hash).sort();
  if (version === undefined || hashes.length === 0) throw new BuildError(`${requirements} pins no ziglang`);
  const content = new Bun.CryptoHasher("sha256").update(hashes.join("\n")).digest("hex").slice(0, 12);
  return { name: `${version}-${content}`, title: `ziglang ${version}`, fingerprint: `zig ${version} ${content}` };
}

async function install(folder: string): Promise<void> {
  const pip = findPip();
  const partial = `${folder}.partial`;
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"];
    const child = Bun.spawn(
      [...pip, "install", ...options, "--target", partial, "--require-hashes", "-r", requirements],
      {
        // A user may have told pip to install for the user, or in virtual environments alone; this is neither.
        env: { ...process.env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    if (code !== 0) throw pipError(code, `${stdout}${stderr}`.trim());
    const trial = Bun.spawnSync([join(partial, "ziglang/zig"), "version"], { stdin: "ignore" });
    if (!trial.success) throw new BuildError(`the zig that pip installed does not run\n${trial.stderr}`.trim());
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw storageError(error, "unpack the compiler to", folder);
  }
}

function pipError(code: number, text: string): BuildError {
  if (/No space left on device/.test(text)) return new BuildError(`pip could not unpack ziglang\n${text}`, fullDisk);
  if (/DO NOT MATCH THE HASHES/.test(text)) {
    return new BuildError(`pip refused ziglang, the compiler for other targets: not what is pinned\n${text}`, {
      hint: "If it is the same the next time, the mirror serves something else than what was reviewed; do not use it.",
    });
  }
  return new ZigMissing(`pip could not install ziglang, the compiler for other targets (exit code ${code})\n${text}`, {
    hint: `Check the network and pip's settings for mirrors and proxies, then run the same command again.
Or name a compiler for that target with --cc.`,
  });
}

const fullDisk = {
  hint: "It takes about 500 MB in .cache and in the temporary folder. Free some space and run again.",
};

/** The ways to start pip, in the order they are tried. */
const pips = [["python3", "-m", "pip"], ["python", "-m", "pip"], ["pip3"], ["pip"]];

/** A pip that runs. Throws {@link ZigMissing} when there is none. */
export function findPip(): readonly string[] {
  for (const pip of pips) {
    if (Bun.which(pip[0] ?? "", { PATH: process.env["PATH"] ?? "" }) === null) continue;
    if (Bun.spawnSync([...pip, "--version"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" }).success)
      return pip;
  }
  throw new ZigMissing("pip was not found", { hint: pipInstallHint });
}
