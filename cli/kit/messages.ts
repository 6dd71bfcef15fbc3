/**
 * Standard error: one line for each thing worth telling a person.
 * @module
 */
import { onlyTool, program } from "./program.ts";
import { safeText } from "./text.ts";

/** Writes messages, past a line of progress if there is one. */
export class Messages {
  #before: (() => void) | undefined;
  #after: (() => void) | undefined;
  #ready = false;

  /** Called around every message: what is in its place has to go, and may come back. */
  around(before: () => void, after: () => void): void {
    this.#before = before;
    this.#after = after;
  }

  /** Prints one message, which begins with `suite TOOL: `: nothing in it that a terminal would act on. */
  write(message: string): void {
    const own = `suite ${onlyTool()}: `;
    this.writeLines(safeText(message.startsWith(own) ? `${program()}: ${message.slice(own.length)}` : message));
  }

  /** Prints text of our own that takes several lines. A reader of stderr that went away is no reason to stop. */
  writeLines(text: string): void {
    this.#before?.();
    if (!this.#ready) process.stderr.on("error", () => {});
    this.#ready = true;
    process.stderr.write(`${text}\n`);
    this.#after?.();
  }
}
