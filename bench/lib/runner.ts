// Runs contenders against each other: one after the other in each round, every round in another order, so that what
// else the machine does falls on all of them.
import { rotate, spread, type Spread } from "./stats.ts";

/** One measurement. */
export interface Sample {
  readonly wallNs: number;
  readonly cpuNs?: number;
}

/** Somebody to measure. */
export interface Contender {
  readonly id: string;
  readonly label: string;
  /** `cli`: with the start of its process. `api`: inside a warm process. */
  readonly kind: "cli" | "api";
  readonly version: string;
  /** What is run, to the letter. */
  readonly command: string;
  /** Why it does not take part. */
  readonly absent?: string;
  /** Measured in one round only, and not warmed up but by the check: it takes that long. */
  readonly once?: boolean;
  /** Runs once and throws if the answer is not the one expected. */
  readonly check: () => Promise<void>;
  readonly measure: () => Promise<Sample>;
  /** Largest resident size in a run of its own. */
  readonly resident?: () => Promise<number | undefined>;
}

/** What became of a contender. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly kind: "cli" | "api";
  readonly version: string;
  readonly command: string;
  readonly status: "ok" | "absent" | "wrong";
  /** Why it is absent, or what was wrong. */
  readonly note?: string;
  readonly wallNs?: Spread;
  readonly cpuNs?: number;
  readonly residentBytes?: number;
  readonly samples: readonly number[];
}

/** How to run them. */
export interface RaceOptions {
  readonly runs: number;
  /** Before each measurement, also the ones that warm up. */
  readonly before?: () => void | Promise<void>;
  readonly progress?: (text: string) => void;
}

/** Measures all contenders: a warm-up that also checks the answers, then the rounds. */
export async function race(contenders: readonly Contender[], options: RaceOptions): Promise<Row[]> {
  const wrong = new Map<string, string>();
  const samples = new Map<string, Sample[]>(contenders.map(({ id }) => [id, []]));
  const present = contenders.filter(({ absent }) => absent === undefined);
  for (const contender of present) {
    options.progress?.(`${contender.label}: checking`);
    try {
      await contender.check();
    } catch (error) {
      wrong.set(contender.id, error instanceof Error ? error.message : String(error));
    }
  }
  const racing = present.filter(({ id }) => !wrong.has(id));
  for (let round = 0; round <= options.runs; round++) {
    for (const contender of rotate(racing, round)) {
      if (wrong.has(contender.id) || (contender.once && round !== 1)) continue;
      options.progress?.(`round ${round} of ${options.runs}: ${contender.label}`);
      await options.before?.();
      try {
        const sample = await contender.measure();
        // The first round warms up what the check did not.
        if (round > 0) samples.get(contender.id)?.push(sample);
      } catch (error) {
        wrong.set(contender.id, error instanceof Error ? error.message : String(error));
      }
    }
  }
  const rows: Row[] = [];
  for (const contender of contenders) {
    const note = contender.absent ?? wrong.get(contender.id);
    const status = contender.absent !== undefined ? "absent" : note !== undefined ? "wrong" : "ok";
    if (status === "ok") options.progress?.(`${contender.label}: memory`);
    const resident = status === "ok" ? await contender.resident?.() : undefined;
    const taken = status === "ok" ? (samples.get(contender.id) ?? []) : [];
    rows.push(toRow(contender, status, note, taken, resident));
  }
  return rows;
}

function toRow(
  { id, label, kind, version, command }: Contender,
  status: Row["status"],
  note: string | undefined,
  samples: readonly Sample[],
  residentBytes: number | undefined,
): Row {
  const walls = samples.map(({ wallNs }) => wallNs);
  const cpus = samples.flatMap(({ cpuNs }) => (cpuNs === undefined ? [] : [cpuNs]));
  return {
    id,
    label,
    kind,
    version,
    command,
    status,
    ...(note !== undefined && { note }),
    ...(walls.length > 0 && { wallNs: spread(walls) }),
    ...(cpus.length > 0 && { cpuNs: spread(cpus).median }),
    ...(residentBytes !== undefined && { residentBytes }),
    samples: walls,
  };
}
