// cargo, which downloads the packages that carry the C sources. It runs with the user's own configuration, so that
// mirrors and proxies work as for anything else it fetches. No Rust is compiled.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError, storageError } from "../errors.ts";
import type { Pin } from "./pins.ts";

/** The oldest cargo that reads the packages: some are written in the 2024 edition. */
export const oldestCargo = "1.85";

/** How to get it, per system. */
export const cargoInstallHint = `cargo ${oldestCargo} or newer downloads the sources of the third-party libraries:
  Debian 12        apt-get install -y cargo-web
  Debian, Ubuntu   apt-get install -y cargo
  Fedora           dnf install -y cargo
  Alpine           apk add cargo
  macOS            brew install rust
Where that is too old, the minimal profile of rustup brings a newer one.`;

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the user's cargo, or `undefined` when nothing tells where it is. */
export function cargoHome(env: Environment = process.env): string | undefined {
  if (env["CARGO_HOME"]) return env["CARGO_HOME"];
  return env["HOME"] ? join(env["HOME"], ".cargo") : undefined;
}

/** The cargo on PATH, else the one rustup put into cargo's own folder. */
export function findCargo(env: Environment = process.env): string | undefined {
  const onPath = Bun.which("cargo", { PATH: env["PATH"] ?? "" });
  if (onPath !== null) return onPath;
  const home = cargoHome(env);
  const own = home === undefined ? undefined : join(home, "bin", "cargo");
  return own !== undefined && existsSync(own) ? own : undefined;
}

/** The version a cargo prints, or `undefined` when it does not run. */
export function cargoVersion(cargo: string): string | undefined {
  const run = Bun.spawnSync([cargo, "--version"], { stdin: "ignore" });
  return run.success ? /\d+\.\d+\.\d+/.exec(run.stdout.toString())?.[0] : undefined;
}

/** The `.crate` files of a pin that cargo has downloaded, from whichever mirror. */
export function downloadsOf(pin: Pin, env: Environment = process.env): string[] {
  const home = cargoHome(env);
  if (home === undefined) return [];
  const cache = join(home, "registry/cache");
  if (!existsSync(cache)) return [];
  const name = `${pin.crate}-${pin.crateVersion}.crate`;
  return readdirSync(cache)
    .sort()
    .map((registry) => join(cache, registry, name))
    .filter((path) => existsSync(path));
}

/** Lets cargo download packages. `folder` becomes a package that is never compiled and only names them. */
export async function fetchCrates(pins: readonly Pin[], folder: string): Promise<void> {
  const cargo = usableCargo();
  try {
    mkdirSync(join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "Cargo.toml"), manifestOf(pins));
    writeFileSync(join(folder, "src/lib.rs"), "");
  } catch (error) {
    throw storageError(error, "write to the build cache", folder);
  }
  const child = Bun.spawn([cargo, "fetch"], {
    cwd: folder,
    env: { ...process.env, CARGO_TERM_COLOR: "never" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code === 0) return;
  const how = child.signalCode === null ? `exit code ${code}` : `killed by ${child.signalCode}`;
  const names = pins.map((pin) => `${pin.crate} ${pin.crateVersion}`).join(", ");
  throw new BuildError(`cargo could not download ${names} (${how})\n${`${stdout}${stderr}`.trim()}`, {
    hint: `The sources of the third-party libraries come through cargo, with its own settings for mirrors and proxies.
Check the network and those settings, then run the same command again; what is downloaded already is kept.`,
  });
}

/** The manifest of that package: every version exact, and no optional parts. */
export function manifestOf(pins: readonly Pin[]): string {
  const lines = pins.map((pin) => {
    const version = pin.crateVersion.replace(/\+.*$/, "");
    return `${pin.crate} = { version = "=${version}", default-features = false }\n`;
  });
  return `[package]
name = "suite-third-party"
version = "0.0.0"
edition = "2021"
publish = false

[workspace]

[dependencies]
${lines.join("")}`;
}

function usableCargo(): string {
  const cargo = findCargo();
  if (cargo === undefined) throw new BuildError("cargo was not found", { hint: cargoInstallHint });
  const version = cargoVersion(cargo);
  if (version === undefined) throw new BuildError(`${cargo} does not run`, { hint: cargoInstallHint });
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestCargo.split(".").map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return cargo;
  throw new BuildError(`${cargo} is version ${version}, which is too old`, { hint: cargoInstallHint });
}
