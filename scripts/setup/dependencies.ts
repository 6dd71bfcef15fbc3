// The npm packages: exactly what bun.lock says, installed once per lockfile.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../build/layout.ts";
import { SetupError } from "./error.ts";

/** What to install. */
export interface DependencyOptions {
  /** @default this checkout */
  readonly root?: string;
  /** Leave out what only tests and checks need. @default false */
  readonly production?: boolean;
}

/**
 * Installs the locked packages when node_modules was not made from the present lockfile. Says whether it had to.
 * The scripts that call it import nothing from node_modules, so it also works where there is none yet.
 */
export async function ensureDependencies(options: DependencyOptions = {}): Promise<boolean> {
  const { root = repositoryRoot, production = false } = options;
  const modules = join(root, "node_modules");
  const stampFile = join(modules, ".suite-stamp");
  const hash = lockHash(root);
  const stamp = readStamp(stampFile);
  // What holds everything also holds the part that is needed at run time.
  const enough = production ? [`${hash} all`, `${hash} production`] : [`${hash} all`];
  if (enough.includes(stamp)) return false;

  const command = [process.execPath, "install", "--frozen-lockfile", ...(production ? ["--production"] : [])];
  const child = Bun.spawn(command, {
    cwd: root,
    env: { ...process.env, BUN_INSTALL_CACHE_DIR: join(root, ".cache/bun") },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) {
    throw new SetupError(
      `The locked packages could not be installed; bun install --frozen-lockfile ended with ${code}:\n` +
        `${stdout}${stderr}\n` +
        "If the network or a mirror refused, set it up as for any bun install and run the same command again.\n",
    );
  }
  mkdirSync(modules, { recursive: true });
  writeFileSync(stampFile, `${hash} ${production ? "production" : "all"}`);
  return true;
}

function lockHash(root: string): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const name of ["bun.lock", "package.json"]) hasher.update(readFileSync(join(root, name)));
  return hasher.digest("hex");
}

function readStamp(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
