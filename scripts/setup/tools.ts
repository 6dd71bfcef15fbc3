// The system tools the scripts use: how each is recognised, and what packages bring it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cargoVersion, findCargo, oldestCargo } from "../build/third-party/cargo.ts";
import { compilerNames, describeProbe, oldestMajor, probeCompiler, wantedCompiler } from "../build/toolchain.ts";

/** Systems that install lines are printed for. */
export const systems = ["debian", "fedora", "alpine", "macos"] as const;

/** One of {@link systems}. */
export type System = (typeof systems)[number];

/** What looking for a tool gave: `undefined` when there is none, else what it says about itself. */
export interface Found {
  readonly version: string;
  readonly good: boolean;
}

/** A system tool. */
export interface Tool {
  readonly name: string;
  /** What stops working without it. */
  readonly why: string;
  readonly wanted: string;
  readonly find: () => Found | undefined;
  /** Names of packages; an empty list where the system always has the tool. */
  readonly packages: Readonly<Record<System, readonly string[]>>;
}

/** Names of the tools a script can ask for. */
export type ToolName =
  | "bun"
  | "cc"
  | "cargo"
  | "perl"
  | "make"
  | "tar"
  | "chromium"
  | "clang"
  | "git"
  | "rsync"
  | "diffutils"
  | "util-linux"
  | "attr"
  | "xfsprogs";

/** The Bun that everything is written for and tested with, as package.json pins it. */
export const wantedBun = "1.4.5";

const everywhere = (name: string): Record<System, readonly string[]> => ({
  debian: [name],
  fedora: [name],
  alpine: [name],
  macos: [name],
});

/** The table of tools. */
export const tools: Record<ToolName, Tool> = {
  bun: {
    name: "bun",
    why: "it runs everything here",
    wanted: `${wantedBun} or newer`,
    find: () => atLeast(Bun.version, wantedBun),
    // It comes through npm, not from a system's packages; installHelp adds the line.
    packages: { debian: [], fedora: [], alpine: [], macos: [] },
  },
  cc: {
    name: "cc",
    why: "compiles the C library under suite",
    wanted: wantedCompiler,
    find: findCc,
    packages: { debian: ["gcc", "libc6-dev"], fedora: ["gcc"], alpine: ["gcc", "musl-dev"], macos: [] },
  },
  cargo: {
    name: "cargo",
    why: "downloads the sources of the C libraries inside libcore; no Rust is compiled",
    wanted: `${oldestCargo} or newer`,
    find: findUsableCargo,
    packages: { debian: [debianCargo()], fedora: ["cargo"], alpine: ["cargo"], macos: ["rust"] },
  },
  perl: {
    name: "perl",
    why: "configures OpenSSL, which is inside libcore",
    wanted: "5.10 or newer",
    find: () => versionOf("perl", "5.10"),
    packages: { debian: ["perl"], fedora: ["perl"], alpine: ["perl"], macos: [] },
  },
  make: {
    name: "make",
    why: "writes generated files of OpenSSL, which is inside libcore",
    wanted: "GNU make 3.81 or newer",
    find: () => versionOf("make", "3.81", /GNU Make/),
    packages: { debian: ["make"], fedora: ["make"], alpine: ["make"], macos: [] },
  },
  tar: {
    name: "tar",
    why: "unpacks the sources of the C libraries inside libcore",
    wanted: "any",
    find: () => (Bun.which("tar") === null ? undefined : { version: "here", good: true }),
    packages: { debian: ["tar"], fedora: ["tar"], alpine: ["tar"], macos: [] },
  },
  clang: {
    name: "clang",
    why: "its sanitizers and libFuzzer check the C library for races and bad accesses",
    wanted: `clang ${oldestMajor.clang} or newer, with its runtime libraries`,
    find: findClang,
    packages: {
      debian: ["clang", "libclang-rt-dev"],
      fedora: ["clang", "compiler-rt"],
      alpine: ["clang", "compiler-rt"],
      macos: [],
    },
  },
  chromium: {
    name: "chromium",
    why: "tests look at the pages that are written in a real browser",
    wanted: "any",
    find: () =>
      (Bun.which("chromium") ?? Bun.which("chromium-browser")) === null ? undefined : { version: "here", good: true },
    packages: { debian: ["chromium"], fedora: ["chromium"], alpine: ["chromium"], macos: [] },
  },
  git: {
    name: "git",
    why: "tests ask git diff --no-index whether two trees differ",
    wanted: "2.20 or newer",
    find: () => versionOf("git", "2.20"),
    packages: everywhere("git"),
  },
  rsync: {
    name: "rsync",
    why: "tests ask rsync --checksum whether two trees differ",
    wanted: "3.1 or newer",
    find: () => versionOf("rsync", "3.1"),
    packages: everywhere("rsync"),
  },
  diffutils: {
    name: "cmp and diff",
    why: "tests ask them whether two files differ, and where",
    wanted: "GNU diffutils 3.0 or newer",
    find: () => worst(versionOf("cmp", "3.0", /GNU diffutils/), versionOf("diff", "3.0", /GNU diffutils/)),
    packages: everywhere("diffutils"),
  },
  "util-linux": {
    name: "setpriv and setarch",
    why: "tests drop root's rights to see files refused, and fix the address layout for ThreadSanitizer",
    wanted: "util-linux 2.31 or newer",
    find: () => worst(versionOf("setpriv", "2.31", /util-linux/), versionOf("setarch", "2.31", /util-linux/)),
    packages: { debian: ["util-linux"], fedora: ["util-linux"], alpine: ["setpriv", "util-linux-misc"], macos: [] },
  },
  attr: {
    name: "setfattr",
    why: "tests compare extended attributes",
    wanted: "2.4 or newer",
    find: () => versionOf("setfattr", "2.4"),
    packages: { ...everywhere("attr"), macos: [] },
  },
  xfsprogs: {
    name: "mkfs.xfs",
    why: "tests compare files that share their blocks",
    wanted: "5.1 or newer",
    find: () => versionOf("mkfs.xfs", "5.1", /mkfs\.xfs/, "-V"),
    packages: { ...everywhere("xfsprogs"), macos: [] },
  },
};

/** Whether dotted `version` is not older than `oldest`; `undefined` counts as not found. */
export function atLeast(version: string | undefined, oldest: string): Found | undefined {
  if (version === undefined) return undefined;
  const have = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const want = oldest.split(".").map(Number);
  for (let at = 0; at < want.length; at++) {
    const difference = (have[at] ?? 0) - (want[at] ?? 0);
    if (difference !== 0) return { version, good: difference > 0 };
  }
  return { version, good: true };
}

/** The first dotted number in what a program prints for `--version`. */
export function parseToolVersion(text: string): string | undefined {
  return /\d+(?:\.\d+)+/.exec(text)?.[0];
}

function versionOf(program: string, oldest: string, kind: RegExp = /./, flag = "--version"): Found | undefined {
  const path = Bun.which(program);
  if (path === null) return undefined;
  const run = Bun.spawnSync([path, flag], { stdin: "ignore" });
  const text = `${run.stdout}${run.stderr}`.trim();
  // Small systems have a lesser program under the same name; say which one it is.
  if (!kind.test(text)) return { version: text.split("\n", 1)[0] || "of another kind", good: false };
  return atLeast(parseToolVersion(text), oldest) ?? { version: "without a version", good: false };
}

function findUsableCargo(): Found | undefined {
  const cargo = findCargo();
  if (cargo === undefined) return undefined;
  return atLeast(cargoVersion(cargo), oldestCargo) ?? { version: "one that does not run", good: false };
}

/** Debian 12 has a cargo that is too old to download anything, and beside it a newer one under another name. */
export function debianCargo(osRelease = "/etc/os-release"): string {
  const text = existsSync(osRelease) ? readFileSync(osRelease, "utf8") : "";
  return /^ID=debian$/m.test(text) && /^VERSION_ID="12"$/m.test(text) ? "cargo-web" : "cargo";
}

function worst(...found: readonly (Found | undefined)[]): Found | undefined {
  if (found.includes(undefined)) return undefined;
  return found.find((one) => one?.good === false) ?? found[0];
}

function findCc(): Found | undefined {
  const probes = compilerNames().map(probeCompiler);
  const best = probes.find((probe) => probe.state === "ok") ?? probes.find((probe) => probe.state !== "missing");
  if (best === undefined) return undefined;
  if (best.state !== "ok") return { version: describeProbe(best), good: false };
  // A compiler without the headers of libc is common on small images and fails only later, less clearly.
  const program = '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n';
  if (links(best.compiler.command, program, [])) return { version: describeProbe(best), good: true };
  return { version: `${describeProbe(best)}, without the headers of libc`, good: false };
}

function findClang(): Found | undefined {
  const probe = probeCompiler("clang");
  if (probe.state === "missing") return undefined;
  if (probe.state !== "ok") return { version: describeProbe(probe), good: false };
  const program = "int main(void) { return 0; }\n";
  const lacking = ["thread", "address,undefined"].filter(
    (name) => !links(probe.compiler.command, program, [`-fsanitize=${name}`]),
  );
  if (lacking.length === 0) return { version: describeProbe(probe), good: true };
  return {
    version: `${describeProbe(probe)}, without the runtime of -fsanitize=${lacking.join(" and ")}`,
    good: false,
  };
}

function links(compiler: readonly string[], program: string, flags: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), "suite-setup-"));
  try {
    const command = [...compiler, "-x", "c", "-", ...flags, "-o", join(folder, "trial")];
    return Bun.spawnSync(command, { stdin: Buffer.from(program), stdout: "ignore", stderr: "ignore" }).success;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
