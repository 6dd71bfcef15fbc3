// How third-party sources come in: pins, cargo, checks of what it downloaded, and the archives that are made. The
// packages, and the cargo that downloads them, are made here.
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../../scripts/build/layout.ts";
import { BuildError } from "../../scripts/build/errors.ts";
import { buildThirdParty, type ThirdPartyOptions } from "../../scripts/build/third-party/build.ts";
import { findCargo, manifestOf } from "../../scripts/build/third-party/cargo.ts";
import { licenceText } from "../../scripts/build/third-party/licences.ts";
import { shellWords } from "../../scripts/build/third-party/openssl.ts";
import { parsePins, readPins } from "../../scripts/build/third-party/pins.ts";
import { versionHeader, type Platform, type Recipe } from "../../scripts/build/third-party/recipe.ts";
import { recipesFor } from "../../scripts/build/third-party/recipes.ts";
import { Slots } from "../../scripts/build/third-party/slots.ts";
import { findArchiver, findCompiler } from "../../scripts/build/toolchain.ts";

const platform: Platform = { target: "linux-x64-gnu", arch: "x64", libc: "gnu" };

// For what hangs; compilers are slow on a machine that does something else as well.
setDefaultTimeout(60_000);

let root: string;
let before: Record<string, string | undefined>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "suite-third-party-"));
  const { PATH, HOME, CARGO_HOME } = process.env;
  before = { PATH, HOME, CARGO_HOME };
  process.env["CARGO_HOME"] = join(root, "cargo");
  delete process.env["HOME"];
});

afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A package of two C files, and the pin for it. */
function makePackage(answer = 42): void {
  write("package/tiny-1.0.0/LICENSE", "Do what you like.\n");
  write("package/tiny-1.0.0/c/answer.c", `#include "tiny.h"\nint tiny_answer(void) { return ${answer}; }\n`);
  write("package/tiny-1.0.0/c/other.c", "int tiny_other(void) { return TINY; }\n");
  write("package/tiny-1.0.0/c/tiny.h", "int tiny_answer(void);\n");
  const crate = join(root, "tiny-1.0.0.crate");
  Bun.spawnSync(["tar", "-czf", crate, "-C", join(root, "package"), "tiny-1.0.0"]);
  const sha256 = new Bun.CryptoHasher("sha256").update(readFileSync(crate)).digest("hex");
  write(
    "libcore/third_party/deps.toml",
    `[[library]]\nname = "tiny"\nversion = "1.0.0"\nlicence = "0BSD"\nlicence_files = ["LICENSE"]
upstream = "https://example.org/tiny"\ncrate = "tiny"\ncrate_version = "1.0.0"\nsha256 = "${sha256}"\n`,
  );
}

/** A cargo on PATH that does what its script says, and counts how often it fetched. */
function fakeCargo(script: string, version = "1.95.0"): void {
  write(
    "bin/cargo",
    `#!/bin/sh\nif [ "$1" = --version ]; then echo "cargo ${version}"; exit; fi\necho x >>"${root}/fetches"\n${script}\n`,
  );
  chmodSync(join(root, "bin/cargo"), 0o755);
  process.env["PATH"] = `${join(root, "bin")}:${before["PATH"]}`;
}

const download = () =>
  `mkdir -p "$CARGO_HOME/registry/cache/mirror"; cp "${root}/tiny-1.0.0.crate" "$CARGO_HOME/registry/cache/mirror/"`;
const fetches = () => (existsSync(join(root, "fetches")) ? readFileSync(join(root, "fetches"), "utf8").length / 2 : 0);

const tiny = (flags: readonly string[] = ["-DTINY=1"]): Recipe => ({
  name: "tiny",
  half: "file",
  unpack: ["c"],
  sources: [{ from: "c", files: ["*.c"] }],
  flags,
  users: { include: ["c"] },
});

function build(recipe = tiny(), more: Partial<ThirdPartyOptions> = {}) {
  return buildThirdParty({
    root,
    platform,
    compiler: findCompiler(),
    ar: findArchiver(),
    half: "file",
    recipes: [recipe],
    jobs: 2,
    onEvent: () => {},
    ...more,
  });
}

async function failure(work: Promise<unknown>): Promise<BuildError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("fetching", () => {
  test("packages are downloaded once, checked, unpacked and built", async () => {
    makePackage();
    fakeCargo(download());
    const first = await build();
    expect(first.built).toEqual(["tiny"]);
    expect(first.licences).toContain("tiny 1.0.0 (0BSD)\nhttps://example.org/tiny");
    expect(first.licences).toContain("Do what you like.");
    const [archive = ""] = first.archives;
    expect(Bun.spawnSync(["nm", join(root, archive)]).stdout.toString()).toMatch(/ T tiny_answer[^]* T tiny_other/);
    expect(first.flags).toEqual([expect.stringMatching(/^-isystem.*tiny-1\.0\.0.*\/c$/)]);
    expect((await build()).built).toEqual([]);
    expect(fetches()).toBe(1);
  });

  test("what cargo has already is not asked for again", async () => {
    makePackage();
    fakeCargo("exit 101");
    Bun.spawnSync(["sh", "-c", download()], { env: { ...process.env } });
    expect((await build()).built).toEqual(["tiny"]);
    expect(fetches()).toBe(0);
  });

  test("a damaged download is refused by name, with both hashes and what to do", async () => {
    makePackage();
    fakeCargo(`${download()}; echo damage >>"$CARGO_HOME/registry/cache/mirror/tiny-1.0.0.crate"`);
    const error = await failure(build());
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain("refused tiny 1.0.0");
    expect(error.message).toContain(join(root, "cargo/registry/cache/mirror/tiny-1.0.0.crate"));
    expect(error.message.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    expect(error.hint).toContain("delete the file");
    expect(existsSync(join(root, ".cache/third-party/src"))).toBe(false);
    rmSync(join(root, "cargo"), { recursive: true });
    fakeCargo(download());
    expect((await build()).built).toEqual(["tiny"]);
  });

  test("no network: the packages are named, and cargo's own words shown", async () => {
    makePackage();
    fakeCargo('echo "error: failed to download: could not resolve host" >&2; exit 101');
    const error = await failure(build());
    expect(error.message).toContain("could not download tiny 1.0.0 (exit code 101)");
    expect(error.message).toContain("could not resolve host");
    expect(error.hint).toContain("network");
  });

  test("no cargo, and one that is too old: what to install on each system", async () => {
    makePackage();
    mkdirSync(join(root, "empty"));
    expect(findCargo({ PATH: join(root, "empty") })).toBeUndefined();
    fakeCargo("exit 1", "0.66.0");
    const error = await failure(build());
    expect(error.message).toContain("version 0.66.0, which is too old");
    for (const system of ["Debian 12", "Fedora", "Alpine", "macOS"]) expect(error.hint).toContain(system);
  });

  test("rustup's cargo is found where it is not on PATH", () => {
    write("cargo/bin/cargo", "#!/bin/sh\n");
    expect(findCargo({ PATH: "", CARGO_HOME: join(root, "cargo") })).toBe(join(root, "cargo/bin/cargo"));
    expect(findCargo({ PATH: "", HOME: root })).toBeUndefined();
  });

  test("a cargo that keeps no downloads is explained", async () => {
    makePackage();
    fakeCargo("true");
    expect((await failure(build())).hint).toContain("vendored");
  });

  test("the manifest names exact versions and no registry", () => {
    const text = manifestOf(readPins(repositoryRoot));
    expect(text).toContain('curl-sys = { version = "=0.4.91", default-features = false }');
    expect(text).not.toMatch(/registry|https?:/);
  });
});

describe("building", () => {
  test("an interrupted build goes on: what was compiled is not compiled again", async () => {
    makePackage();
    fakeCargo(download());
    const compiled: string[] = [];
    const onEvent: ThirdPartyOptions["onEvent"] = (event) => {
      if (event.type === "step") compiled.push(event.output.replace(/^.*\//, ""));
    };
    const compiler = findCompiler();
    write(
      "cc",
      `#!/bin/sh\ncase "$*" in *other.c*) test -e "${root}/go" || exit 1;; esac\nexec ${compiler.command.join(" ")} "$@"\n`,
    );
    chmodSync(join(root, "cc"), 0o755);
    const flaky = { ...compiler, command: [join(root, "cc")] };
    const error = await failure(build(tiny(), { compiler: flaky, jobs: 1, onEvent }));
    expect(error.message).toContain("could not build tiny: c/other.c");
    write("go", "");
    compiled.length = 0;
    expect((await build(tiny(), { compiler: flaky, jobs: 1, onEvent })).built).toEqual(["tiny"]);
    expect(compiled).toEqual(["c__other.c.o"]);
  });

  test("two builds at once: one works, the other waits and finds it done", async () => {
    makePackage();
    fakeCargo(download());
    const results = await Promise.all([build(), build()]);
    expect(results.map(({ archives }) => archives)).toEqual([results[0]?.archives ?? [], results[0]?.archives ?? []]);
    expect(fetches()).toBe(1);
    expect(readdirSync(join(root, ".cache/third-party/linux-x64-gnu"))).toHaveLength(1);
  });

  test("other flags, another compiler and another package make another archive", async () => {
    makePackage();
    fakeCargo(download());
    const archives = new Set([(await build()).archives[0]]);
    archives.add((await build(tiny(["-DTINY=2"]))).archives[0]);
    archives.add((await build(tiny(), { compiler: { ...findCompiler(), fingerprint: "another" } })).archives[0]);
    makePackage(43);
    rmSync(join(root, "cargo"), { recursive: true });
    archives.add((await build()).archives[0]);
    expect(archives.size).toBe(4);
  });

  test("what no recipe names and no build used for a week is removed when something is built", async () => {
    makePackage();
    fakeCargo(download());
    const age = (path: string, days: number) => {
      const then = Date.now() / 1000 - days * 86_400;
      utimesSync(join(root, path), then, then);
    };
    const folderOf = (archive = "") => dirname(archive);
    const here = (path: string) => existsSync(join(root, path));
    const named = folderOf((await build()).archives[0]);
    const recent = folderOf((await build(tiny(["-DTINY=2"]))).archives[0]);
    const old = folderOf((await build(tiny(["-DTINY=3"]))).archives[0]);
    write(".cache/third-party/src/tiny-0.9.0-0123456789ab/c/old.c", "");
    age(recent, 6);
    age(old, 8);
    age(".cache/third-party/src/tiny-0.9.0-0123456789ab", 8);
    age(named, 8);
    // Nothing to build: nothing is looked for, but what is used is noted.
    expect((await build()).built).toEqual([]);
    expect([named, recent, old].map(here)).toEqual([true, true, true]);
    expect((await build(tiny(["-DTINY=4"]))).built).toEqual(["tiny"]);
    expect([named, recent, old].map(here)).toEqual([true, true, false]);
    expect(readdirSync(join(root, ".cache/third-party/src"))).toEqual([expect.stringContaining("tiny-1.0.0")]);
    // Another build of what was removed finds that it is gone, and makes it again.
    expect((await build(tiny(["-DTINY=3"]))).built).toEqual(["tiny"]);
  });

  test("what configures a library is part of what its archive is named by; comments are not", async () => {
    makePackage();
    fakeCargo(download());
    const unit = { source: "", object: "other.o", flags: ["-DTINY=1"] };
    const recipe: Recipe = {
      ...tiny(),
      sources: [],
      configure: async ({ source }) => [{ ...unit, source: `${source}/c/other.c` }],
      configuredBy: ["configure.ts"],
    };
    write("configure.ts", "// one\nexport const flags: string[] = [];\n");
    expect((await build(recipe)).built).toEqual(["tiny"]);
    write("configure.ts", "// two\n\nexport const flags: string[] = [];\n");
    expect((await build(recipe)).built).toEqual([]);
    write("configure.ts", '// two\nexport const flags: string[] = ["-O1"];\n');
    expect((await build(recipe)).built).toEqual(["tiny"]);
  });

  test("files compiled together make the same symbols from fewer objects", async () => {
    makePackage();
    fakeCargo(download());
    const recipe = { ...tiny(), sources: [{ from: "c", files: ["*.c"], together: 1 }], include: ["c"] };
    const [archive = ""] = (await build(recipe)).archives;
    const listed = Bun.spawnSync(["nm", join(root, archive)]).stdout.toString();
    expect(listed).toMatch(/ T tiny_answer[^]* T tiny_other/);
    expect(listed.match(/\.o:$/gm)).toHaveLength(1);
  });

  test("a file compiled twice, a glob without files and a library without a pin are mistakes of the recipe", async () => {
    makePackage();
    fakeCargo(download());
    const twice = {
      ...tiny(),
      sources: [
        { from: "c", files: ["*.c"] },
        { from: "c", files: ["answer.c"] },
      ],
    };
    expect((await failure(build(twice))).message).toContain("compiles c/answer.c twice");
    const none = { ...tiny(), sources: [{ from: "c", files: ["*.cc"] }] };
    expect((await failure(build(none))).message).toContain("nothing is there");
    expect((await failure(build({ ...tiny(), name: "huge" }))).message).toContain('no entry for "huge"');
  });

  test("slots take the heaviest first, and nothing after a failure", async () => {
    const slots = new Slots(1);
    const order: number[] = [];
    const run = (weight: number) => slots.run(weight, async () => void order.push(weight));
    await Promise.all([1, 3, 2].map(run));
    expect(order).toEqual([3, 2, 1]);
    const results = await Promise.allSettled([slots.run(9, () => Promise.reject(new Error("no"))), run(5)]);
    expect(results.map((result) => result.status === "rejected" && String(result.reason))).toEqual([
      "Error: no",
      "Error: no",
    ]);
    expect(order).toHaveLength(3);
  });
});

describe("the table of libraries", () => {
  test("each pin has a recipe, each recipe a pin", () => {
    const pins = readPins(repositoryRoot).map(({ name }) => name);
    for (const arch of ["x64", "arm64"] as const) {
      const names = recipesFor({ ...platform, arch }, "net").map(({ name }) => name);
      expect(names.toSorted()).toEqual(pins.toSorted());
    }
  });

  test("the file half has neither TLS nor HTTP nor QUIC", () => {
    const names = recipesFor(platform, "file").map(({ name }) => name);
    for (const name of ["openssl", "curl", "nghttp2", "nghttp3", "msquic"]) expect(names).not.toContain(name);
    expect(names).toContain("libarchive");
  });

  test("mistakes in the pins are named", () => {
    const good = readFileSync(join(repositoryRoot, "libcore/third_party/deps.toml"), "utf8");
    expect(() => parsePins(good.replace('licence = "Zlib"', 'license = "Zlib"'))).toThrow(
      '"zlib-ng" has an unknown key',
    );
    expect(() => parsePins(good.replace(/sha256 = "ff2/, 'sha256 = "zz2'))).toThrow("sha256");
    expect(() => parsePins(good.replace('version = "2.3.3"\n', ""))).toThrow('"zlib-ng" needs a text for "version"');
    expect(() => parsePins(`${good}${good}`)).toThrow("twice");
    expect(() => parsePins("[[library]\n")).toThrow("TOML");
  });
});

describe("texts", () => {
  test("shell words", () => {
    expect(shellWords(String.raw`cc  -DDIR="\"/etc/ssl\"" 'a b' c\ d -o x.o x.c`)).toEqual([
      "cc",
      '-DDIR="/etc/ssl"',
      "a b",
      "c d",
      "-o",
      "x.o",
      "x.c",
    ]);
  });

  test("version headers", () => {
    const template = '#define V "@PACKAGE_VERSION@"\r\n#define N @PACKAGE_VERSION_NUM@\n';
    expect(versionHeader(template, "1.68.1")).toBe('#define V "1.68.1"\n#define N 0x014401\n');
  });

  test("the licence in a C file is the comment it begins with", () => {
    expect(licenceText("a.h", "/*\n * Free.\n */\n\n/* As in beer. */\nint x; /* no */\n")).toBe(
      "Free.\n\n\nAs in beer.",
    );
    expect(licenceText("COPYING", "Free.\r\n")).toBe("Free.");
  });
});
