// CP-09: what comparing adds to the memory of the process that asks for it.
import { makeArchives } from "../lib/archive.ts";
import { makeNames, makePair, type Corpus } from "../lib/corpus.ts";
import type { Job } from "../lib/host.ts";
import { makeLargeArchives } from "./archives.ts";
import { Hosts } from "./contenders.ts";

/** One line of the memory table. */
export interface MemoryRow {
  readonly what: string;
  readonly bytes: number;
  readonly limit: number;
  readonly met: boolean;
}

const MIB = 1024 ** 2;
const REPEATS = 10_000;

const job = (task: string, { left, right }: Corpus, times = 1): Job => ({ task, left, right, times });

/** Measures in fresh processes; what they were before is taken off. */
export async function measureMemory(cache: string, entries: number, quick: boolean): Promise<MemoryRow[]> {
  await using hosts = new Hosts();
  const small = makePair(cache, "pair-4k", 4096);
  const tiny = makeNames(cache, "names-tiny", { files: 10, fileBytes: 16, perDirectory: 5 });
  const pair = makePair(cache, quick ? "quick-pair-1g" : "pair-1g", quick ? 16 * MIB : 1024 * MIB);
  const names = makeNames(cache, `names-${entries}`, { files: entries, fileBytes: 16, perDirectory: 200 });
  const archives = (name: string, files: number) =>
    makeArchives(cache, name, { files, bytes: [16, 16], perDirectory: 200 }, [
      { format: "tar.gz" },
      { format: "tar.gz", reversed: true },
    ]);
  const [few, many] = [await archives("archive-few", 10), await archives(`archive-${entries}`, entries)];
  const large = await makeLargeArchives(cache, quick);
  const rows: MemoryRow[] = [];
  const add = (what: string, bytes: number, limitMib: number) =>
    rows.push({ what, bytes, limit: limitMib * MIB, met: bytes <= limitMib * MIB });

  for (const [what, task, before, after, limit] of [
    [`resident size, ${quick ? "16 MiB" : "1 GiB"} pair, over that of a 4 KiB pair`, "suite compare", small, pair, 32],
    [
      `resident size, tree of ${entries.toLocaleString("en")} entries a side, over that of a tree of 10`,
      "suite compare",
      tiny,
      names,
      64,
    ],
    [
      `resident size, two tar.gz of ${quick ? "16 MiB" : "512 MiB"} in another order, over that of two of 10 files`,
      "suite compareArchive",
      few,
      large,
      64,
    ],
    [
      `resident size, two tar.gz of ${entries.toLocaleString("en")} entries in another order, over that of two of 10 files`,
      "suite compareArchive",
      few,
      many,
      // 200 bytes an entry.
      64 + (2 * entries * 200) / MIB,
    ],
  ] as const) {
    const host = hosts.get(what);
    const base = await host.run(job(task, before));
    const full = await host.run(job(task, after));
    add(what, full.residentBytes - base.residentBytes, limit);
  }
  for (const task of ["suite compare", "suite compareSync"]) {
    const host = hosts.get(task);
    const base = await host.run(job(task, small, 1000));
    const full = await host.run(job(task, small, REPEATS));
    add(
      `JavaScript heap, ${task}, growth over ${REPEATS.toLocaleString("en")} calls`,
      (full.heapBytes ?? 0) - (base.heapBytes ?? 0),
      1,
    );
  }
  return rows;
}
