// `bun run demo`: sets this checkout up, makes two small trees that differ in telling ways, and lets the real
// `suite compare` find the differences.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BuildError } from "./build/errors.ts";
import { repositoryRoot } from "./build/layout.ts";
import { buildNative } from "./build/native.ts";
import type { BuildEvent } from "./build/options.ts";
import { demoTools, ensureDependencies, ensureTools, SetupError } from "./setup.ts";

/** What the two trees hold, and what `suite compare` has to say about it: SIGIL SP PATH, the reason is its own. */
const story: readonly {
  readonly line: string | undefined;
  readonly about: string;
  readonly make: (root: string) => void;
}[] = [
  {
    line: undefined,
    about: "readme.txt is the same on both sides",
    make: (root) => both(root, "readme.txt", "the same words\n", "the same words\n"),
  },
  {
    line: undefined,
    about: "touched.txt has the same bytes under another time: equal, since bytes decide",
    make(root) {
      both(root, "touched.txt", "old but gold\n", "old but gold\n");
      utimesSync(join(root, "left/touched.txt"), new Date("2001-02-03T04:05:06Z"), new Date("2001-02-03T04:05:06Z"));
    },
  },
  {
    line: "* data/prices.csv",
    about: "data/prices.csv has the same size and another digit",
    make: (root) => both(root, "data/prices.csv", "tea,4.20\ncake,3.10\n", "tea,4.20\ncake,3.70\n"),
  },
  {
    line: "* notes.txt",
    about: "notes.txt is longer on the right",
    make: (root) => both(root, "notes.txt", "one line\n", "one line\nand another\n"),
  },
  {
    line: "* settings",
    about: "settings is a file on the left and a directory on the right",
    make(root) {
      write(root, "left/settings", "colour=blue\n");
      write(root, "right/settings/colour", "blue\n");
    },
  },
  {
    line: "* current",
    about: "current is a link to another target",
    make(root) {
      symlinkSync("release-1", join(root, "left/current"));
      symlinkSync("release-2", join(root, "right/current"));
    },
  },
  {
    line: "< draft.txt",
    about: "draft.txt is only on the left",
    make: (root) => write(root, "left/draft.txt", "not sent yet\n"),
  },
  {
    line: "> photos/",
    about: "photos is a directory only on the right, with three names in it",
    make(root) {
      for (const name of ["beach.jpg", "forest.jpg", "lake.jpg"]) write(root, `right/photos/${name}`, `${name}\n`);
    },
  },
];

function both(root: string, path: string, left: string, right: string): void {
  write(root, `left/${path}`, left);
  write(root, `right/${path}`, right);
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function setUp(): Promise<void> {
  ensureTools(demoTools);
  await ensureDependencies({ production: true });
  const { compiled, thirdParty, ms } = await buildNative({ onEvent: announce() });
  if (compiled.length + thirdParty.length > 0) say(`Built the native library in ${(ms / 1000).toFixed(1)} s.\n`);
}

/** Says once that the build will take a while: with empty caches, OpenSSL and a dozen other libraries are compiled. */
function announce(): (event: BuildEvent) => void {
  let told = false;
  return (event) => {
    if (event.type === "fetch") say(`Downloading the sources of ${event.packages.length} C libraries through cargo …`);
    if (event.type !== "step" || told) return;
    told = true;
    say("Building the native library. The first time takes a few minutes, later ones a second …");
  };
}

async function compare(folder: string): Promise<{ stdout: string; stderr: string; code: number }> {
  const command = [process.execPath, join(repositoryRoot, "cli/main.ts"), "compare", "left", "right"];
  const child = Bun.spawn(command, { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, stderr, code };
}

/** What was not as expected, one sentence each; nothing when the answer was right. */
function mistakes(stdout: string, code: number): string[] {
  const named = stdout
    .split("\n")
    .filter((line) => /^[<>*!=] /.test(line))
    .map((line) => line.split("\t", 1)[0] ?? "");
  const wanted = story.flatMap(({ line }) => (line === undefined ? [] : [line]));
  return [
    ...(code === 1 ? [] : [`the exit code is ${code}, not 1`]),
    ...wanted.filter((line) => !named.includes(line)).map((line) => `no line begins with "${line}"`),
    ...named.filter((line) => !wanted.includes(line)).map((line) => `"${line}" was not expected`),
  ];
}

async function run(folder: string): Promise<number> {
  for (const side of ["left", "right"]) mkdirSync(join(folder, side));
  for (const { make } of story) make(folder);
  say(`Two trees, left and right, in ${folder}:`);
  for (const { about } of story) say(`  - ${about}`);

  say("\n$ suite compare left right");
  const { stdout, stderr, code } = await compare(folder);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  say(
    `exit code ${code}${code === 1 ? ": they differ (0 would mean the same, 3 that something could not be decided)" : ""}`,
  );

  const wrong = mistakes(stdout, code);
  if (wrong.length > 0) {
    say(`\nThis is not the right answer:\n${wrong.map((sentence) => `  - ${sentence}`).join("\n")}`);
    return 1;
  }
  say("\nNow with your own files or directories, from this folder:");
  say("  bun cli/main.ts compare ONE OTHER");
  say("Without bun on PATH, write npx -y bun@1.4.5 for bun. More: bun cli/main.ts compare --help");
  return 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  try {
    await setUp();
  } catch (error) {
    if (error instanceof SetupError) process.stderr.write(error.message);
    else if (error instanceof BuildError) process.stderr.write(`demo: ${error.message}\n${error.hint ?? ""}\n`);
    else throw error;
    return error.exitCode;
  }
  const folder = mkdtempSync(join(tmpdir(), "suite-demo-"));
  const cleanUp = () => rmSync(folder, { recursive: true, force: true });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(code);
    });
  }
  try {
    return await run(folder);
  } finally {
    cleanUp();
  }
}

process.exit(await main());
