// The compiled executables, all commands in one and one command alone, on machines that are not like the one they were
// built on.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMANDS, TOOLS } from "../../cli/commands/index.ts";
import { buildCli, EXECUTABLES, type Built } from "../../scripts/build-cli.ts";
import { checkRecords } from "../cli/kit/schema.ts";
import { platformName, platformPackage } from "../../src/ffi/locate.ts";
import { ROOT } from "../support/child.ts";

/** Nothing here is timed; this only ends what hangs. */
const LIMIT_MS = 60_000;
let dir = "";
const built: Record<string, Built> = {};

interface Ran {
  stdout: string;
  stderr: string;
  exit: number | null;
}

async function run(command: string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  const child = Bun.spawn(command, { cwd, env, stdout: "pipe", stderr: "pipe", stdin: "ignore", timeout: LIMIT_MS });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { stdout, stderr, exit: await child.exited };
}

const canMount = Bun.spawnSync(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]).success;

const EXPECTED = { stdout: "* file\tcontent_mismatch\n", stderr: "", exit: 1 };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "suite-compiled-"));
  for (const side of ["a", "b"]) {
    mkdirSync(join(dir, side));
    writeFileSync(join(dir, side, "file"), side);
  }
  for (const name of Object.keys(EXECUTABLES)) built[name] = await buildCli(name, join(dir, name));
}, 240_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The words that begin a comparison with an executable. */
function comparing(name: string): string[] {
  const { path = "" } = built[name] ?? {};
  return name === "suite" ? [path, "compare"] : [path];
}

describe.each(["suite", "suite-compare"])("%s", (name) => {
  const compare = (cwd: string, env: Record<string, string>, ...args: string[]) =>
    run([...comparing(name), ...(args.length > 0 ? args : ["a", "b"])], cwd, env);
  /** Runs a comparison and then `--version`, with standard output as a line of shell has it. */
  const redirected = (to: string, ...args: string[]) =>
    run(["/bin/sh", "-c", `"$@" ${to}`, "sh", ...comparing(name), ...args], dir, {});

  test("compares with nothing in its environment", async () => {
    expect(await compare(dir, {})).toEqual(EXPECTED);
  }, LIMIT_MS);

  test("compares with an empty PATH", async () => {
    expect(await compare(dir, { PATH: "" })).toEqual(EXPECTED);
  }, LIMIT_MS);

  test("needs no temporary folder", async () => {
    const missing = join(dir, "no-such-folder");
    for (const TMPDIR of [missing, "/proc", join(dir, "a/file"), ""]) {
      expect(await compare(dir, { TMPDIR, BUN_TMPDIR: TMPDIR })).toEqual(EXPECTED);
    }
  }, LIMIT_MS);

  test("does not trust what somebody else left in the temporary folder", async () => {
    const temporary = mkdtempSync(join(dir, "shared-"));
    const env = { TMPDIR: temporary, BUN_TMPDIR: temporary };
    expect(await compare(dir, env)).toEqual(EXPECTED);
    for (const file of new Bun.Glob("*").scanSync({ cwd: temporary, dot: true, absolute: true })) {
      chmodSync(file, 0o600);
      writeFileSync(file, "not a library");
    }
    expect(await compare(dir, env)).toEqual(EXPECTED);
  }, LIMIT_MS);

  test.skipIf(!canMount)("works with a temporary folder mounted noexec", async () => {
    // A mount namespace of its own: the mount ends with the process.
    const script = 'mount -t tmpfs -o noexec none "$1" && export TMPDIR="$1" BUN_TMPDIR="$1" && shift && exec "$@" a b';
    const noexec = mkdtempSync(join(dir, "noexec-"));
    const env = { PATH: process.env.PATH ?? "" };
    expect(await run(["unshare", "-m", "sh", "-c", script, "sh", noexec, ...comparing(name)], dir, env)).toEqual(EXPECTED);
  }, LIMIT_MS);

  /** Who speaks: in `suite` the command. */
  const speaker = name === "suite" ? "suite compare" : name;

  test("a closed standard output is an error, whatever was to be printed", async () => {
    for (const args of [["a", "b"], ["--help"], ["--version"]]) {
      const { exit, stderr } = await redirected(">&-", ...args);
      expect({ exit, stderr }).toEqual({ exit: 4, stderr: `${speaker}: standard output is closed (E_WRITE)\n` });
    }
    // Nothing to print is nothing to fail.
    expect(await redirected(">&-", "a", "a")).toEqual({ stdout: "", stderr: "", exit: 0 });
  }, LIMIT_MS);

  test("so is a full one", async () => {
    for (const args of [["a", "b"], ["--help"], ["--version"]]) {
      const { exit, stderr } = await redirected("> /dev/full", ...args);
      expect(exit).toBe(4);
      expect(stderr).toMatch(new RegExp(`^${speaker}: standard output: .*no space.*\\(E_WRITE\\)\\n$`));
    }
  }, LIMIT_MS);

  test("a reader that went away is none", async () => {
    for (const args of [["a", "b"], ["--help"], ["--version"]]) {
      // The reader is gone for sure before the first byte: it said so by closing another pipe.
      const line = '{ read -r _ < "$0"; "$@"; echo $? >&2; } | { exec <&-; echo > "$0"; }';
      const fifo = join(mkdtempSync(join(dir, "gone-")), "fifo");
      expect(Bun.spawnSync(["mkfifo", fifo]).success).toBe(true);
      const ran = await run(["/bin/sh", "-c", line, fifo, ...comparing(name), ...args], dir, {});
      expect(ran).toEqual({ stdout: "", stderr: "141\n", exit: 0 });
    }
  }, LIMIT_MS);

  test("reads nothing of the folder it runs in", async () => {
    const hostile = mkdtempSync(join(dir, "hostile-"));
    const put = (path: string, text: string) => {
      mkdirSync(join(hostile, path, ".."), { recursive: true });
      writeFileSync(join(hostile, path), text);
    };
    put("bunfig.toml", 'preload = ["./run.ts"]\n[run]\nbun = true\n');
    put("run.ts", 'console.log("ran");\nprocess.exit(7);\n');
    put(".env", "SUITE_LIBCORE=/nowhere\nSUITE_COMPARE_JOBS=nonsense\nSUITE_CONFIG=/nowhere\nBUN_OPTIONS=--preload=./run.ts\n");
    put(".env.local", "SUITE_COMPARE_JOBS=nonsense\n");
    put("suite.toml", "nonsense\n");
    put("config.toml", "nonsense\n");
    put("package.json", '{ "type": "commonjs", "main": "./run.ts" ');
    put("tsconfig.json", '{ "compilerOptions": { "paths": { "*": ["./run.ts"] } } }');
    put("node_modules/citty/index.js", 'console.log("ran");\n');
    put(`node_modules/${platformPackage(platformName())}/package.json`, "{}");
    put(`node_modules/${platformPackage(platformName())}/libcore.so`, "not a library");
    const env = { BUN_OPTIONS: "--preload ./run.ts", SUITE_LIBCORE: "/nowhere" };
    expect(await compare(hostile, env, "../a", "../b")).toEqual(EXPECTED);
    // Nor where the library cannot be unpacked and another one would do.
    expect(await compare(hostile, { ...env, TMPDIR: "/proc", BUN_TMPDIR: "/proc" }, "../a", "../b")).toEqual(EXPECTED);
  }, LIMIT_MS);

  test("C-43 runs without the optimizing tiers of the JIT, and says why it cannot without any", async () => {
    expect(await compare(dir, { BUN_JSC_useDFGJIT: "0" })).toEqual(EXPECTED);
    const { stdout, stderr, exit } = await compare(dir, { BUN_JSC_useJIT: "0" });
    expect({ stdout, exit }).toEqual({ stdout: "", exit: 4 });
    expect(stderr).toMatch(/^suite.compare: \S+ \(embedded\) cannot be called: bun:ffi needs the JIT.*\(E_NATIVE\)\n$/);
  }, LIMIT_MS);

  test("says what it is", async () => {
    const [path = ""] = comparing(name);
    expect(await run([path, "--version"], dir, {})).toEqual({ stdout: `${name} 0.0.0\n`, stderr: "", exit: 0 });
    const { stdout, exit } = await run([path, "--version", "--verbose"], dir, {});
    expect(exit).toBe(0);
    expect(stdout).toStartWith(`${name} 0.0.0\n  bun `);
    expect(stdout).toMatch(/^ {2}libcore +\d+\.\d+\.\d+, ABI \d+, /m);
  }, LIMIT_MS);
});

describe("one command alone", () => {
  const alone = (...args: string[]) => run([...comparing("suite-compare"), ...args], dir, {});
  const whole = (...args: string[]) => run([built.suite?.path ?? "", ...args], dir, {});
  /** What the whole one says, in the words of the command alone. */
  const renamed = ({ stdout, stderr, exit }: Ran): Ran => {
    const words = (text: string) => text.replaceAll(/\bsuite compare\b/g, "suite-compare").replaceAll(/^suite:/gm, "suite-compare:");
    return { stdout: words(stdout), stderr: words(stderr), exit };
  };

  test("each tool has an executable, which is the file of its name", async () => {
    expect(Object.keys(EXECUTABLES)).toEqual(["suite", ...Object.keys(TOOLS).map((tool) => `suite-${tool}`)]);
    for (const [tool, { load }] of Object.entries(TOOLS)) {
      expect(await load()).toBe(await import(`../../cli/commands/${tool}.ts`));
      expect(COMMANDS).toHaveProperty(tool);
    }
    expect(buildCli("suite-nothing")).rejects.toThrow("there are suite, suite-compare");
  });

  test("answers as in suite", async () => {
    const lines = [
      ["a", "b"],
      ["--json", "a", "b"],
      ["-q", "a", "a"],
      ["a"],
      ["a", "nowhere"],
      ["--qiet", "a", "b"],
      ["-j", "x", "a", "b"],
      ["a", "s3://bucket/x"],
      ["help", "compare"],
    ];
    for (const args of lines) {
      const [own, other] = [await alone(...args), renamed(await whole("compare", ...args))];
      const timeless = (ran: Ran) => ({ ...ran, stdout: ran.stdout.replace(/"elapsed_ms":[\d.]+/, "") });
      expect({ args, ...timeless(own) }).toEqual({ args, ...timeless(other) });
      if (args[0] === "--json") checkRecords(own.stdout, true);
    }
  }, LIMIT_MS);

  test("its help says how it is called, and what it has besides", async () => {
    const { stdout, exit } = await alone("--help");
    expect(exit).toBe(0);
    const { stdout: other } = renamed(await whole("compare", "--help"));
    expect(stdout).not.toContain("suite compare");
    expect(stdout).toContain("Usage: suite-compare [OPTIONS] A B\n");
    const flags = (text: string) => new Set(Array.from(text.matchAll(/^ +(?:-\w, )*(--[\w-]+)/gm), ([, flag]) => flag));
    expect([...flags(stdout)].filter((flag) => !flags(other).has(flag))).toEqual(["--man", "--completions"]);
    expect([...flags(other)].filter((flag) => !flags(stdout).has(flag))).toEqual([]);
    expect((await alone("-h")).stdout).toBe(stdout);
  }, LIMIT_MS);

  test("its manual page is that of suite, under its name", async () => {
    const { stdout, stderr, exit } = await alone("--man");
    expect({ stderr, exit }).toEqual({ stderr: "", exit: 0 });
    expect(stdout).toContain('.Sh SYNOPSIS\n.Nm "suite\\-compare"\n.Op Ar OPTIONS\n.Ar "A"\n.Ar "B"\n');
    expect(stdout).not.toMatch(/suite (compare|config|man)/);
    expect((await whole("man", "compare")).stdout).toContain('.Nm "suite compare"');
  }, LIMIT_MS);

  test("its completions are for its name alone", async () => {
    const names = { bash: /^complete -o .* _suite_compare (.*)$/m, zsh: /^#compdef (.*)$/m, fish: /^complete -c (\S+) /m };
    for (const [shell, named] of Object.entries(names)) {
      const { stdout, stderr, exit } = await alone("--completions", shell);
      expect({ stderr, exit }).toEqual({ stderr: "", exit: 0 });
      expect(named.exec(stdout)?.[1]).toBe("suite-compare");
      expect(stdout).not.toMatch(/-c suite |_suite\(\)|_suite_tool\(\)/);
      expect(stdout).toContain("chunk-size");
    }
    if (Bun.which("bash") !== null) {
      // Neither takes the place of the other, whichever is read last.
      const line = `
        source <("$1" completions bash); source <("$2" --completions bash)
        for words in "suite con" "suite-compare --chunk" "suite-compare --compl"; do
          COMP_WORDS=($words) COMP_CWORD=1 COMPREPLY=()
          registered=$(complete -p \${COMP_WORDS[0]}); registered=\${registered##*-F }
          \${registered%% *} 2> /dev/null; echo "\${COMPREPLY[@]}"
        done`;
      const paths = ["suite", "suite-compare"].map((name) => built[name]?.path ?? "");
      const ran = await run(["bash", "--norc", "-c", line, "bash", ...paths], dir, { PATH: process.env.PATH ?? "" });
      expect(ran).toEqual({ stdout: "config\n--chunk-size\n--completions\n", stderr: "", exit: 0 });
    }
    const { exit, stderr } = await alone("--completions", "csh");
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining("--completions is bash, zsh or fish, not csh") });
    expect((await whole("compare", "--man")).stderr).toContain("unknown option --man");
  }, LIMIT_MS);

  test("settings of other tools are none of its mistakes", async () => {
    const file = join(dir, "settings.toml");
    writeFileSync(file, '[config]\nverbose = 1\n[compare]\njobs = 1\n');
    expect(await alone("--config", file, "a", "b")).toEqual(EXPECTED);
    writeFileSync(file, "[nonsense]\n");
    expect((await alone("--config", file, "a", "b")).exit).toBe(2);
  }, LIMIT_MS);

  test("a link to suite is that command too, under its name", async () => {
    const link = join(mkdtempSync(join(dir, "link-")), "suite-compare");
    symlinkSync(built.suite?.path ?? "", link);
    expect(await run([link, "a", "b"], dir, {})).toEqual(EXPECTED);
    for (const flag of ["--version", "--help", "--man"]) expect(await run([link, flag], dir, {})).toEqual(await alone(flag));
  }, LIMIT_MS);

  test("it is the command whatever its file is called", async () => {
    const link = join(mkdtempSync(join(dir, "other-")), "suite-config");
    symlinkSync(built["suite-compare"]?.path ?? "", link);
    expect(await run([link, "a", "b"], dir, {})).toEqual(EXPECTED);
  }, LIMIT_MS);

  test("it carries no code of the others", () => {
    const commands = (name: string) => built[name]?.files.filter((file) => file.startsWith("cli/commands/")) ?? [];
    for (const command of Object.keys(COMMANDS)) expect(commands("suite")).toContain(`cli/commands/${command}.ts`);
    for (const file of commands("suite-compare")) expect(file).toMatch(/^cli\/commands\/compare[-.]/);
    expect(commands("suite-compare")).toContain("cli/commands/compare.ts");
    for (const { path, bytes } of Object.values(built)) expect(statSync(path).size).toBe(bytes);
    expect(built["suite-compare"]?.codeBytes).toBeLessThan(built.suite?.codeBytes ?? 0);
  });

  test("node:util, which citty loads for nothing, is not loaded with it", () => {
    // A module of the runtime that is not needed costs each start a millisecond; this one comes back with a new citty.
    expect(readFileSync(join(ROOT, "node_modules/citty/dist/index.mjs"), "utf8")).toContain('from "node:util"');
    expect(built.suite?.files).toContain("node_modules/citty/dist/index.mjs");
    for (const { builtins } of Object.values(built)) expect(builtins.sort()).toEqual(["bun:ffi", "fs", "path"]);
  });
});
