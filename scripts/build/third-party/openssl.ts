// OpenSSL's own configuration. Its list of files and flags, its assembly and many of its headers come out of perl, so
// Configure runs, make writes the generated files, and `make -n` tells what would be compiled: the rest is our pool's.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, posix } from "node:path";
import { BuildError, storageError } from "../errors.ts";
import { runTool } from "../step.ts";
import type { ConfigureContext, Unit } from "./recipe.ts";

/** The options of ours, one a line. */
const optionsFile = "libcore/third_party/config/openssl/options.txt";

/** Its names of our platforms. */
const targets = { x64: "linux-x86_64", arm64: "linux-aarch64" } as const;

/**
 * What goes over bytes or over big numbers, and is optimised like all other libraries. The rest reads certificates, keys
 * and messages, once for each connection: there it would take a fifth of the time to compile, and gain nothing.
 */
const hotFolders =
  /^(crypto\/(aes|bio|bn|buffer|chacha|ec|md5|ml_kem|modes|poly1305|rand|sha)|providers\/implementations\/(ciphers|digests|kem|macs|rands)|ssl\/record)\//;

/** Fewer files than this means that the output of make was not understood. */
const fewestUnits = 500;

/** Configures, and gives every compile of libcrypto and libssl. What is there from before is not made again. */
export async function configureOpenssl(context: ConfigureContext): Promise<readonly Unit[]> {
  const { root, folder } = context;
  const list = join(root, folder, "units.json");
  if (existsSync(list)) return JSON.parse(readFileSync(list, "utf8")) as Unit[];
  for (const [tool, why] of [
    ["perl", "runs OpenSSL's Configure and writes its assembly"],
    ["make", "writes OpenSSL's generated files"],
  ] as const) {
    if (Bun.which(tool) !== null) continue;
    throw new BuildError(`${tool} was not found`, {
      hint: `It ${why}. Every system has a package named ${tool}; or leave TLS, HTTP and QUIC out with --half=file.`,
    });
  }
  try {
    // The list is written last: without it, what is here is half a run.
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(join(root, folder), { recursive: true });
    const units = await configure(context);
    writeFileSync(`${list}.partial`, JSON.stringify(units));
    renameSync(`${list}.partial`, list);
    return units;
  } catch (error) {
    throw storageError(error, "write", join(root, folder));
  }
}

async function configure({ root, source, folder, platform, compiler, jobs }: ConfigureContext): Promise<Unit[]> {
  const here = join(root, folder);
  const sources = posix.relative(folder, `${source}/openssl`);
  const run = (command: readonly string[]) => runTool(here, command, { action: "configure OpenSSL", output: folder });
  // A build inside another make must not take part in its jobs; a fixed date, or two builds would differ.
  const clean = ["env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "SOURCE_DATE_EPOCH=1"];
  const words = compiler.command.join(" ");
  // It looks at a C++ compiler too, and would take the machine's own.
  const cc = [`CC=${words}`, `CXX=${words}`];
  const make = [...clean, "make", "-s", `-j${Math.min(jobs, availableParallelism())}`];

  await run([...clean, ...cc, "perl", `${sources}/Configure`, targets[platform.arch], ...readOptions(root)]);
  const plan = await dryRun(here, clean);
  const compiles = plan.filter((words) => words.includes("-c") && words.includes("-o"));
  if (compiles.length < fewestUnits) {
    throw new BuildError(`make named only ${compiles.length} files of OpenSSL`, {
      hint: "This make may print its commands in another way. GNU make is known to work.",
    });
  }
  const written = plan.filter((words) => words.some((word) => /\bperl$/.test(word))).map((words) => words.at(-1) ?? "");
  const assembly = compiles.map((words) => words.at(-1) ?? "").filter((file) => !file.startsWith(sources));
  // What is beside these folders is for installing it.
  const wanted = [...written, ...assembly].filter((file) => /^(crypto|include|providers|ssl)\//.test(file));
  // The text in buildinf.h tells how OpenSSL was compiled; where the compiler lies is nobody's business.
  const buildInfo = "crypto/buildinf.h";
  await run([...make, ...new Set(wanted.filter((file) => file !== buildInfo))]);
  await run([...make, "CC=cc", buildInfo]);
  return compiles.map((words) => unitOf(words, folder));
}

function readOptions(root: string): string[] {
  const lines = readFileSync(join(root, optionsFile), "utf8").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** The commands make would run for the generated files and for both libraries, each as its words. */
async function dryRun(here: string, clean: readonly string[]): Promise<string[][]> {
  const child = Bun.spawn([...clean, "make", "-n", "build_generated", "libcrypto.a", "libssl.a"], {
    cwd: here,
    env: { ...process.env, LC_ALL: "C" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new BuildError(`could not ask make what OpenSSL is made of (exit code ${code})\n${stderr}`);
  return stdout
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => shellWords(line));
}

/**
 * The words of a shell command that uses quotes and backslashes and nothing else.
 *
 * @example
 * shellWords(`cc -DDIR="\\"/etc\\"" a.c`); // ["cc", `-DDIR="/etc"`, "a.c"]
 */
export function shellWords(line: string): string[] {
  const words = line.match(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s\\"'])+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/g,
      (_, bare?: string, double?: string, single?: string) =>
        bare ?? single ?? (double ?? "").replace(/\\(["\\$`])/g, "$1"),
    ),
  );
}

/** A compile as make would run it in `folder`, as one that runs in the root: with our optimisation, and its own rest. */
function unitOf(words: readonly string[], folder: string): Unit {
  const object = words[words.indexOf("-o") + 1] ?? "";
  const flags = words
    .slice(1, words.indexOf("-c"))
    .filter((word) => /^-[ID]/.test(word))
    .map((word) => (word.startsWith("-I") ? `-I${posix.join(folder, word.slice(2))}` : word));
  const cold = hotFolders.test(object) ? [] : ["-O1"];
  return {
    source: posix.join(folder, words.at(-1) ?? ""),
    object: object.replaceAll("/", "__"),
    flags: [...flags, ...cold],
  };
}
