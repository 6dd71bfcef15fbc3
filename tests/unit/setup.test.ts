// Setup on machines that lack things: what it says, what it installs, and when it does nothing.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDependencies, SetupError } from "../../scripts/setup.ts";
import { detectSystem, explainLacks, installLine, mayInstall, packagesFor } from "../../scripts/setup/install.ts";
import { atLeast, parseToolVersion, systems, tools, wantedBun } from "../../scripts/setup/tools.ts";

const entry = join(import.meta.dir, "../../scripts/setup.ts");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "suite-setup-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a shell script into the folder that stands for PATH. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** Runs setup with nothing on PATH but the folder. */
function setup(env: Record<string, string> = {}) {
  const run = Bun.spawnSync([process.execPath, entry], { env: { PATH: folder, TMPDIR: folder, ...env } });
  return { code: run.exitCode, text: run.stderr.toString() };
}

describe("missing tools", () => {
  test("all of them are reported at once, with reason, wanted version and four install lines", () => {
    const { code, text } = setup();
    expect(code).toBe(4);
    for (const { name, why, wanted } of Object.values(tools)) {
      if (name === "bun") continue;
      expect(text).toContain(`${name}: missing; wanted: ${wanted}`);
      expect(text).toContain(why);
    }
    expect(text).toMatch(/Debian, Ubuntu +apt-get install -y gcc libc6-dev chromium clang /);
    expect(text).toMatch(/Fedora +dnf install -y gcc chromium clang /);
    expect(text).toMatch(/Alpine +apk add gcc musl-dev /);
    expect(text).toMatch(/macOS +xcode-select --install && brew install /);
  });

  test("one that is too old is reported with the version it has", () => {
    program("cc", "echo __clang_major__ __clang_minor__ __clang_patchlevel__ 8 3 0");
    program("git", "echo git version 2.11.0");
    const { code, text } = setup();
    expect(code).toBe(4);
    expect(text).toContain("cc: found cc: gcc 8.3.0 is too old; wanted: gcc 9 or clang 10, or newer");
    expect(text).toContain("git: found 2.11.0; wanted: 2.20 or newer");
    expect(text).not.toContain("git: missing");
  });

  test("a compiler that cannot build a program, and a lesser program of the same name", () => {
    program(
      "cc",
      'case "$1" in -E) echo __clang_major__ __clang_minor__ __clang_patchlevel__ 12 2 0;; *) exit 1;; esac',
    );
    program("cmp", "echo 'BusyBox v1.36.1 multi-call binary.'");
    program("diff", "echo 'diff (GNU diffutils) 3.8'");
    const { text } = setup();
    expect(text).toContain("cc: found cc: gcc 12.2.0, without the headers of libc");
    expect(text).toContain(
      "cmp and diff: found BusyBox v1.36.1 multi-call binary.; wanted: GNU diffutils 3.0 or newer",
    );
  });

  test("as root in automation they are installed, package lists first; otherwise nothing is", () => {
    for (const name of ["apt-get", "dnf"]) program(name, `echo ${name} "$@" >>${folder}/log`);
    const log = () =>
      existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8").trim().split("\n") : [];
    setup();
    setup({ CI: "", SUITE_SETUP: "no" });
    expect(log()).toEqual([]);
    // The stand-in installs nothing, so the second look finds the same and says so.
    const { code, text } = setup({ CI: "true" });
    expect(code).toBe(4);
    expect(text).toContain("cc: missing");
    const install = expect.stringMatching(
      /^apt-get install -y gcc libc6-dev chromium clang .*util-linux attr xfsprogs cargo.* perl make tar$/,
    );
    expect(log()).toEqual(process.getuid?.() === 0 ? ["apt-get update", install] : []);
  });

  test("a failing package manager is quoted", () => {
    program("apk", "echo 'unable to select packages' >&2; exit 3");
    const { code, text } = setup({ SUITE_SETUP: "auto" });
    expect(code).toBe(4);
    expect(text.includes("unable to select packages")).toBe(process.getuid?.() === 0);
    expect(text).toContain("cc: missing");
  });

  test("installing is for root, and only where asked to or in automation", () => {
    expect(mayInstall({ CI: "true" }, 0)).toBe(true);
    expect(mayInstall({ SUITE_SETUP: "auto" }, 0)).toBe(true);
    expect(mayInstall({}, 0)).toBe(false);
    expect(mayInstall({ CI: "false" }, 0)).toBe(false);
    expect(mayInstall({ CI: "true" }, 1000)).toBe(false);
  });
});

describe("install lines", () => {
  const lack = (name: keyof typeof tools) => ({ tool: tools[name], found: undefined });

  test("packages are named once, in order", () => {
    expect(packagesFor("debian", [lack("cc"), lack("git"), lack("cc")])).toEqual(["gcc", "libc6-dev", "git"]);
  });

  test("macOS takes the compiler from Apple", () => {
    expect(installLine("macos", [lack("cc")])).toBe("xcode-select --install");
    expect(installLine("macos", [lack("cc"), lack("rsync")])).toBe("xcode-select --install && brew install rsync");
  });

  test("an old Bun is explained without packages", () => {
    const text = explainLacks([{ tool: tools.bun, found: { version: "1.3.0", good: false } }]);
    expect(text).toContain(`bun: found 1.3.0; wanted: ${wantedBun} or newer`);
    expect(text).toContain(`npx -y bun@${wantedBun}`);
    expect(text).not.toContain("apt-get");
  });

  test("the package manager is found by its program", () => {
    const only = (program: string) => (name: string) => (name === program ? `/usr/bin/${name}` : null);
    expect(["apt-get", "dnf", "apk", "brew"].map((name) => detectSystem(only(name)))).toEqual([
      "debian",
      "fedora",
      "alpine",
      undefined,
    ]);
    expect(systems).toHaveLength(4);
  });
});

describe("versions", () => {
  test("are compared number by number", () => {
    expect(atLeast("10.0", "9.5")?.good).toBe(true);
    expect(atLeast("2.9", "2.10")?.good).toBe(false);
    expect(atLeast("3", "3.0")?.good).toBe(true);
    expect(atLeast(undefined, "1")).toBeUndefined();
  });

  test("are found in what programs print", () => {
    expect(parseToolVersion("git version 2.39.5")).toBe("2.39.5");
    expect(parseToolVersion("rsync  version 3.2.7  protocol version 31")).toBe("3.2.7");
    expect(parseToolVersion("cmp (GNU diffutils) 3.8")).toBe("3.8");
    expect(parseToolVersion("setpriv from util-linux 2.38.1")).toBe("2.38.1");
    expect(parseToolVersion("no numbers")).toBeUndefined();
  });

  test("the pinned Bun is the one of package.json", async () => {
    const manifest = (await Bun.file(join(import.meta.dir, "../../package.json")).json()) as { packageManager: string };
    expect(manifest.packageManager).toBe(`bun@${wantedBun}`);
  });
});

describe("locked packages", () => {
  const lock = (production: boolean) => ensureDependencies({ root: folder, production });

  beforeEach(() => {
    // A package on the same disk: nothing is fetched.
    mkdirSync(join(folder, "part"));
    writeFileSync(join(folder, "part/package.json"), '{ "name": "part", "version": "1.0.0" }');
    writeFileSync(join(folder, "package.json"), '{ "name": "whole", "devDependencies": { "part": "file:./part" } }');
    const made = Bun.spawnSync([process.execPath, "install"], { cwd: folder });
    expect(made.exitCode).toBe(0);
    rmSync(join(folder, "node_modules"), { recursive: true });
  });

  test("are installed where there are none, and not again", async () => {
    expect(await lock(false)).toBe(true);
    expect(existsSync(join(folder, "node_modules/part/package.json"))).toBe(true);
    expect(await lock(false)).toBe(false);
    expect(await lock(true)).toBe(false);
  });

  test("are installed again when the lockfile changes or node_modules is gone", async () => {
    await lock(false);
    writeFileSync(join(folder, "bun.lock"), `${readFileSync(join(folder, "bun.lock"), "utf8")}\n`);
    expect(await lock(false)).toBe(true);
    rmSync(join(folder, "node_modules"), { recursive: true });
    expect(await lock(false)).toBe(true);
  });

  test("without the packages of tests, until those are asked for", async () => {
    expect(await lock(true)).toBe(true);
    expect(existsSync(join(folder, "node_modules/part"))).toBe(false);
    expect(await lock(true)).toBe(false);
    expect(await lock(false)).toBe(true);
    expect(existsSync(join(folder, "node_modules/part"))).toBe(true);
  });

  test("a lockfile that does not fit package.json is refused, with the reason", async () => {
    writeFileSync(
      join(folder, "package.json"),
      '{ "name": "whole", "devDependencies": { "part": "file:./part", "other": "file:./other" } }',
    );
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other/package.json"), '{ "name": "other", "version": "1.0.0" }');
    const error = await lock(false).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SetupError);
    expect((error as SetupError).message).toContain("frozen");
    expect((error as SetupError).exitCode).toBe(4);
  });
});

test("the scripts that make a checkout ready import nothing from node_modules", () => {
  const scripts = ["setup.ts", "demo.ts", "verify.ts", "build-native.ts"];
  const specifiers = scripts.flatMap((file) => importsOf(join(import.meta.dir, "../../scripts", file)));
  expect(specifiers).toContain("node:fs");
  expect(specifiers.filter((specifier) => !/^(node|bun):/.test(specifier))).toEqual([]);
});

/** The specifiers that a script and the scripts it imports name. */
function importsOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const { imports } = new Bun.Transpiler({ loader: "ts" }).scan(readFileSync(file, "utf8"));
  return imports.flatMap(({ path }) => (path.startsWith(".") ? importsOf(join(file, "..", path), seen) : [path]));
}
