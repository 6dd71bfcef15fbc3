// The blocks of code in the documents: what each is, and what there has to be before it.
import { join } from "node:path";
import { readdirSync, readFileSync } from "node:fs";
import { ROOT } from "./child.ts";
import { filesBelow } from "./imports.ts";

/** A fenced block. */
export interface Block {
  /** The document, from the root of the checkout. */
  readonly file: string;
  readonly line: number;
  /** The word behind the fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** Shell commands of the comments `<!-- given … -->` since the block before: they are not shown. */
  readonly given: string;
}

/** Every document that people read, as paths from the root of the checkout. */
export function documents(): string[] {
  const isDocument = /\.md$/;
  const top = readdirSync(ROOT).filter((name) => isDocument.test(name));
  return [...top, ...filesBelow(["docs", "libcore", "npm"], isDocument)].sort();
}

/** The blocks of a text, in order. */
export function blocksOf(file: string, text = readFileSync(join(ROOT, file), "utf8")): Block[] {
  const blocks: Block[] = [];
  let given = "";
  for (const { index, 1: commands, 2: language = "", 3: body } of text.matchAll(
    /^<!-- given\n([^]*?)^-->$|^```([^\n]*)\n([^]*?)^```$/gm,
  )) {
    if (body === undefined) {
      given += commands;
      continue;
    }
    blocks.push({ file, line: text.slice(0, index).split("\n").length, language, text: body, given });
    given = "";
  }
  return blocks;
}

/** One command of a console block. */
export interface ConsoleCommand {
  readonly command: string;
  readonly exit: number;
  /** The lines it prints, on both outputs. */
  readonly output: readonly string[];
}

/**
 * The commands of a console block: lines that begin with `$ `, each followed by what it prints. A comment that ends in
 * `exit N` says how it ends.
 */
export function consoleCommands(text: string): ConsoleCommand[] {
  const found: { command: string; exit: number; output: string[] }[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const command = /^\$ (.*)$/.exec(line)?.[1];
    const last = found.at(-1);
    if (command !== undefined)
      found.push({ command, exit: Number(/ #(?:.*\W)? ?exit (\d+)$/.exec(command)?.[1] ?? 0), output: [] });
    else if (last) last.output.push(line);
    else throw new Error(`a console block begins with what no command printed: ${line}`);
  }
  return found;
}

/** Whether a line is as a document shows it, where `…` stands for anything. */
export function isAsShown(line: string, shown: string): boolean {
  const parts = shown.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(line);
}

/** What an example says it prints: behind a line that prints, or on lines of its own after a loop that does. */
export function promisedOutput(code: string): string[] {
  return [...code.matchAll(/^(?:.*console\.log\(.*\);?[\s}]*|\s*)\/\/ (.*)$/gm)].map(([, said = ""]) => said);
}
