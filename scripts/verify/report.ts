// What a reader sees: a line per layer while it runs, failures in full, the skips, and the count at the end.
import type { Layer, Outcome } from "./layer.ts";
import { allowance } from "./skips.ts";

/** Prints to standard output; progress lines go there too, since the report is what verify is for. */
export class Report {
  #passed = 0;
  #failed = 0;
  readonly #skips: { readonly line: string; readonly allowed: boolean }[] = [];
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Begins the line of a layer, so that a reader sees what runs. */
  begin(layer: Layer): void {
    this.#write(`${layer.name.padEnd(10)} `);
  }

  /** Ends the line of a layer, and shows its failures. */
  end(layer: Layer, { passed, failures, skips }: Outcome, ms: number): void {
    this.#passed += passed;
    this.#failed += failures.length;
    const counts = [
      `${passed} passed`,
      ...(failures.length > 0 ? [`${failures.length} failed`] : []),
      ...(skips.length > 0 ? [`${skips.length} skipped`] : []),
    ];
    const seconds = `${(ms / 1000).toFixed(1)} s`;
    this.#write(`${counts.join(", ").padEnd(32)} ${seconds.padStart(8)}   ${layer.about}\n`);
    for (const { name, detail } of failures) this.#write(`\nFAILED ${name}\n${indent(detail)}\n\n`);
    for (const skip of skips) {
      const reason = allowance(skip);
      this.#skips.push({
        line: `${skip.name}: ${reason ?? `${skip.reason} (not on the list in scripts/verify/skips.ts)`}`,
        allowed: reason !== undefined,
      });
    }
  }

  /** Prints the skips and the last line; gives the exit code. */
  finish(): number {
    if (this.#skips.length > 0) this.#write("\nSkipped:\n");
    for (const { line } of this.#skips) this.#write(`  ${line}\n`);
    const skipped = this.#skips.length > 0 ? `, ${this.#skips.length} skipped` : "";
    this.#write(`\n${this.#passed} passed, ${this.#failed} failed${skipped}\n`);
    return this.#failed > 0 || this.#skips.some(({ allowed }) => !allowed) ? 1 : 0;
  }
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "    ");
}
