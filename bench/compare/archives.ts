// Archives: against unpacking both and comparing the folders, which is what people do.
import { copyFileSync, existsSync } from "node:fs";
import { join, relative } from "node:path";
import { version as suiteVersion } from "../../package.json" with { type: "json" };
import { makeArchives, type ArchiveShape } from "../lib/archive.ts";
import { onceAsync, type Corpus } from "../lib/corpus.ts";
import { fileSystemOf } from "../lib/machine.ts";
import { shellWords } from "../lib/process.ts";
import type { Case } from "./cases.ts";
import type { Call } from "./contenders.ts";
import { both, byExit, compiledProgram, everywhere, PROGRAMS, suiteProgram, type Program } from "./peers.ts";

/** As it is typed from the checkout; what is elsewhere keeps its name. */
const here = (path: string) => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
};
const debianOnly = (name: string) => ({ debian: name, fedora: name });
/** Unpacking that fails must not look like a difference. */
const orFail = (script: string) => `{ ${script}; } || exit 2`;

interface Unpacker {
  readonly id: string;
  readonly label: string;
  readonly program: string;
  readonly version: readonly string[];
  readonly packages?: Program["packages"];
  /** Unpacks an archive into a folder. */
  readonly unpack: (archive: string, into: string) => string[];
}

const tar: Unpacker = {
  id: "tar",
  label: "tar",
  program: "tar",
  version: ["tar", "--version"],
  unpack: (archive, into) => ["tar", "-xf", archive, "-C", into],
};
const bsdtar: Unpacker = {
  id: "bsdtar",
  label: "bsdtar",
  program: "bsdtar",
  version: ["bsdtar", "--version"],
  packages: { debian: "libarchive-tools", fedora: "bsdtar", alpine: "libarchive-tools", macos: "libarchive" },
  unpack: (archive, into) => ["bsdtar", "-xf", archive, "-C", into],
};
const unzip: Unpacker = {
  id: "unzip",
  label: "unzip",
  program: "unzip",
  version: ["unzip", "-v"],
  packages: everywhere("unzip"),
  unpack: (archive, into) => ["unzip", "-q", archive, "-d", into],
};

/** Where people unpack to, and the fastest place there is. */
interface Folders {
  readonly disk: string;
  /** On a tmpfs; nothing where there is none. */
  readonly memory: string | undefined;
}

/** The folders to unpack into. Only the one in memory is outside of the checkout's cache. */
function foldersOf(cache: string): Folders {
  const shared = "/dev/shm";
  const usable = existsSync(shared) && fileSystemOf(shared) === "tmpfs";
  return { disk: join(cache, "scratch"), memory: usable ? join(shared, `suite-bench-${process.pid}`) : undefined };
}

/** How archives are unpacked: both after each other, both at once, or the left one only, as the right is a directory. */
type How = "in turn" | "at once" | "left";

/** Unpacks, then `diff -rq`. */
function unpackAndDiff(unpacker: Unpacker, folders: Folders, where: keyof Folders, how: How = "in turn"): Program {
  const { id, label, program, version, packages, unpack } = unpacker;
  const scratch = folders[where] ?? folders.disk;
  const place = where === "memory" ? " in memory" : " on disk";
  return {
    id: `${id}-diff${where === "memory" ? "" : "-disk"}${how === "at once" ? "-2" : ""}`,
    label: `${label}${how === "at once" ? " both at once" : ""}${place}, then diff -rq`,
    ...(folders[where] === undefined && { absent: "there is no tmpfs at /dev/shm" }),
    program,
    version,
    ...(packages && { packages }),
    scratch,
    // Making ten thousand files takes a disk many times as long as all else here: how long exactly matters little.
    ...(where === "disk" && { slow: true }),
    argv: ({ left, right }) => {
      const [a, b] = ["a", "b"].map((side) => join(here(scratch), side)) as [string, string];
      const make = shellWords(["mkdir", a, b]);
      const first = shellWords(unpack(here(left), a));
      const second = shellWords(unpack(here(right), b));
      const diff = (other: string) => shellWords(["diff", "-rq", a, other]);
      if (how === "left") return ["sh", "-c", `${orFail(`${make} && ${first}`)}; ${diff(here(right))}`];
      const both = how === "at once" ? `{ ${first} & ${second} && wait $!; }` : `${first} && ${second}`;
      return ["sh", "-c", `${orFail(`${make} && ${both}`)}; ${diff(b)}`];
    },
    verdict: byExit,
  };
}

const diffoscope: Program = {
  id: "diffoscope",
  label: "diffoscope",
  program: "diffoscope",
  version: ["diffoscope", "--version"],
  packages: debianOnly("diffoscope-minimal"),
  argv: (corpus) => ["diffoscope", "--text", "/dev/null", ...both(corpus)],
  verdict: byExit,
  slow: true,
};

/** What reading both archives costs at least for one that unpacks them one after the other. */
const bsdtarSink: Program = {
  id: "bsdtar-sink",
  label: "bsdtar decodes both, nothing compared",
  program: "bsdtar",
  version: bsdtar.version,
  ...(bsdtar.packages && { packages: bsdtar.packages }),
  argv: ({ left, right }) => {
    const decode = (path: string) => `${shellWords(["bsdtar", "-xOf", here(path)])} > /dev/null`;
    return ["sh", "-c", `${decode(left)} && ${decode(right)}`];
  },
  verdict: byExit,
  blind: true,
};

const tarCompare: Program = {
  id: "tar-d",
  label: "tar --compare, one way",
  program: "tar",
  version: tar.version,
  argv: ({ left, right }) => ["tar", "--compare", "-f", here(left), "-C", here(right)],
  verdict: byExit,
};

const api: Call = {
  id: "suite-api",
  label: "suite API",
  task: "suite compareArchive",
  version: `suite ${suiteVersion}`,
};

const cli = suiteProgram("suite", "--archive");
const cliOne = suiteProgram("suite-j1", "--archive", "-j1");
const only = (...ids: string[]) => PROGRAMS.filter(({ id }) => ids.includes(id));

/** Programs that compare archives and are not in the list of those that compare files. */
export const archivePrograms = (cache: string): Program[] => {
  const folders = foldersOf(cache);
  return [...[tar, bsdtar, unzip].map((unpacker) => unpackAndDiff(unpacker, folders, "disk")), diffoscope];
};

/** The two large archives: for the memory measurement too. */
export function makeLargeArchives(cache: string, quick: boolean): Promise<Corpus> {
  const shape: ArchiveShape = { files: quick ? 64 : 2048, bytes: [256 << 10, 256 << 10], perDirectory: 64 };
  const sides = [{ format: "tar.gz" }, { format: "tar.gz", reversed: true }] as const;
  return makeArchives(cache, `${quick ? "quick-" : ""}archive-512m`, shape, sides);
}

/** All cases of archives. Quick ones are a fiftieth of the size. */
export function archiveCases(cache: string, quick: boolean, compiled: string | undefined): Case[] {
  const folders = foldersOf(cache);
  const released = compiledProgram(compiled, "--archive");
  const files = quick ? 100 : 5000;
  const count = files.toLocaleString("en");
  const shape: ArchiveShape = { files, bytes: [1000, 16_000], perDirectory: 100 };
  const make = (name: string, sides: Parameters<typeof makeArchives>[3], of = shape) => {
    return () => makeArchives(cache, `${quick ? "quick-" : ""}archive-${name}`, of, sides);
  };
  const seconds = 1_600_000_000;
  const changed = Math.floor(files * 0.7);
  const few = Math.min(files, 300);
  const tools = [unpackAndDiff(tar, folders, "memory"), unpackAndDiff(bsdtar, folders, "memory")];
  const large = quick ? "16 MiB" : "512 MiB";
  const same = async (): Promise<Corpus> => {
    const { left, leftDir } = await makeLargeArchives(cache, quick);
    const rightDir = join(cache, `${quick ? "quick-" : ""}archive-same`);
    const right = join(rightDir, "data.tar.gz");
    await onceAsync(rightDir, async () => copyFileSync(left, right));
    return { tree: false, left, right, leftDir, rightDir, files: [left, right] };
  };
  return [
    {
      id: "archive-targz",
      title: `two tar.gz of ${count} files, equal but for the times on them`,
      expected: "equal",
      corpus: make("targz", [{ format: "tar.gz" }, { format: "tar.gz", seconds }]),
      programs: [
        cli,
        cliOne,
        released,
        ...tools,
        unpackAndDiff(tar, folders, "memory", "at once"),
        unpackAndDiff(tar, folders, "disk"),
        { ...diffoscope, absent: "compares times as well" },
        ...only("komparu"),
      ],
      calls: [api],
      times: 1,
    },
    {
      id: "archive-targz-one",
      title: `two tar.gz of ${count} files, one byte differs`,
      expected: "different",
      corpus: make("targz-one", [{ format: "tar.gz" }, { format: "tar.gz", changed, seconds }]),
      programs: [cli, released, ...tools, ...only("komparu")],
      calls: [],
      times: 1,
    },
    {
      id: "archive-small",
      title: `two tar.gz of ${few} files, one byte differs`,
      expected: "different",
      corpus: make("small", [{ format: "tar.gz" }, { format: "tar.gz", changed: few >> 1 }], { ...shape, files: few }),
      programs: [cli, released, ...tools, diffoscope, ...only("komparu")],
      calls: [],
      times: 1,
    },
    {
      id: "archive-zip",
      title: `two zip of ${count} files, equal, compressed differently`,
      expected: "equal",
      corpus: make("zip", [
        { format: "zip", level: 3 },
        { format: "zip", level: 9 },
      ]),
      programs: [
        cli,
        cliOne,
        released,
        unpackAndDiff(unzip, folders, "memory"),
        unpackAndDiff(bsdtar, folders, "memory"),
        unpackAndDiff(unzip, folders, "disk"),
        ...only("komparu"),
      ],
      calls: [],
      times: 1,
    },
    {
      id: "archive-directory",
      title: `a tar of ${count} files and a directory, equal`,
      expected: "equal",
      corpus: make("directory", [{ format: "tar" }, { format: "directory" }]),
      programs: [
        cli,
        released,
        unpackAndDiff(tar, folders, "memory", "left"),
        unpackAndDiff(bsdtar, folders, "memory", "left"),
        tarCompare,
      ],
      calls: [],
      times: 1,
    },
    {
      id: "archive-large",
      title: `two tar.gz of ${large}, equal, the files in another order`,
      expected: "equal",
      corpus: () => makeLargeArchives(cache, quick),
      programs: [cli, cliOne, released, bsdtarSink],
      calls: [],
      times: 1,
    },
    {
      id: "archive-same",
      title: `two tar.gz of ${large}, the same bytes`,
      expected: "equal",
      corpus: same,
      programs: [cli, released, ...only("cmp", "diff")],
      calls: [api],
      times: 1,
    },
  ];
}
