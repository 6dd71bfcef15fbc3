/**
 * Progress on stderr while a command works.
 * @module
 */
import { writeSync } from "node:fs";
import { progressLine, progressRecord, type Pace, type Step } from "./progress-line.ts";

/** What `--progress` can say. */
export type ProgressWhen = "auto" | "always" | "json" | "never";

/** A line that is drawn again and again, lines one below the other, records, or nothing. */
export type ProgressForm = "line" | "lines" | "json" | "none";

/** The form for a stderr of this kind. */
export function progressForm(when: ProgressWhen, terminal: boolean, dumb: boolean): ProgressForm {
  if (when === "never" || when === "json") return when === "json" ? "json" : "none";
  if (terminal) return dumb ? (when === "always" ? "lines" : "none") : "line";
  return when === "always" ? "lines" : "none";
}

/** A command that is done by then shows nothing; counted from the start of the process. */
const FIRST_MS = 80;
const EVERY_MS = { line: 200, lines: 900, json: 500, none: Infinity } as const;
/** The rate is that of the last seconds. */
const WINDOW_MS = 5000;
/** Before that much has been seen, what is left to go is a guess that would jump. */
const ETA_AFTER_SECONDS = 0.5;

const CLEAR_REST = "\x1b[K";
const CLEAR_LINE = `\r${CLEAR_REST}`;

/** Where progress goes. */
export interface ProgressTarget {
  write(text: string): void;
  columns(): number;
  /** Milliseconds since the process began. */
  now(): number;
}

/** Standard error. What it cannot take at once is dropped: the next line says more. */
export const stderrTarget: ProgressTarget = {
  write(text) {
    try {
      writeSync(2, text);
    } catch {
      // Full, or gone.
    }
  },
  columns() {
    // Bun asks for the size once, as long as nobody listens for changes; people pull at windows.
    const stream = process.stderr as typeof process.stderr & { _refreshSize?(): void };
    stream._refreshSize?.();
    return stream.columns || 80;
  },
  now: () => performance.now(),
};

/** Shows how far a command is. */
export class Progress {
  readonly #form: ProgressForm;
  readonly #target: ProgressTarget;
  #source: (() => Step) | undefined;
  #samples: { at: number; bytes: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #next = 0;
  #calls = 0;
  #drawn = false;
  /** It was taken away for other text, and is to come back. */
  #hidden = false;

  constructor(form: ProgressForm, target: ProgressTarget = stderrTarget) {
    this.#form = form;
    this.#target = target;
  }

  /** Begins to show what `source` says, until the result is disposed of. */
  start(source: () => Step): Disposable {
    if (this.#form === "none") return { [Symbol.dispose]() {} };
    this.#source = source;
    const now = this.#target.now();
    this.#samples = [{ at: now, bytes: 0 }];
    this.#next = Math.max(FIRST_MS, now);
    this.#wait();
    return { [Symbol.dispose]: () => this.#stop() };
  }

  /** To be called often by a loop that does not let timers run. Cheap. */
  poll(): void {
    if (this.#source && (++this.#calls & 255) === 0 && this.#target.now() >= this.#next) this.#draw();
  }

  /** Whether a person sees a line move, who may want to be told how it ended. */
  get live(): boolean {
    return this.#form === "line";
  }

  /** Takes the line away for other text. */
  readonly clear = (): void => {
    if (this.#drawn) this.#target.write(CLEAR_LINE);
    this.#hidden ||= this.#drawn;
    this.#drawn = false;
  };

  /** Other text has been written: the line stands below it again, at once, so that it does not flicker. */
  readonly restore = (): void => {
    if (this.#hidden && this.#source) this.#draw();
  };

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, this.#next - this.#target.now()));
    this.#timer.unref();
  }

  #draw(): void {
    const pace = this.#pace();
    if (!pace) return;
    if (this.#form === "line") {
      // The last column stays free: some terminals wrap there. An empty line in between would be seen as flicker.
      this.#target.write(`\r${progressLine(pace, this.#target.columns() - 1)}${CLEAR_REST}`);
      this.#drawn = true;
      this.#hidden = false;
    } else {
      const text = this.#form === "json" ? progressRecord(pace) : progressLine(pace, Infinity);
      this.#target.write(`${text}\n`);
    }
    this.#next = this.#target.now() + EVERY_MS[this.#form];
    this.#wait();
  }

  #pace(): Pace | undefined {
    const step = this.#source?.();
    if (!step) return undefined;
    const now = this.#target.now();
    this.#samples.push({ at: now, bytes: step.bytes });
    while ((this.#samples[1]?.at ?? Infinity) <= now - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0] ?? { at: now, bytes: step.bytes };
    const seconds = (now - oldest.at) / 1000;
    const rate = seconds > 0 ? (step.bytes - oldest.bytes) / seconds : 0;
    const left = step.total - step.bytes;
    return { ...step, rate, ...(step.total > 0 && rate > 0 && seconds >= ETA_AFTER_SECONDS && { eta: Math.max(left, 0) / rate }) };
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.clear();
    // Programs get the last word on it; for people the result says it.
    if (this.#form === "json") this.#draw();
    clearTimeout(this.#timer);
    this.#source = undefined;
  }
}
