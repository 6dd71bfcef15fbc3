/**
 * Strict command lines: what is not known is an error with a suggestion.
 * @module
 */
import { negation, spellings, takesValue, type Bytes, type Flag, type Flags, type ValueFlag } from "./flag.ts";
import { calledAs } from "./program.ts";
import { rawArgument } from "./raw-args.ts";
import { nearest, oneOf, suggestion, usage } from "./usage.ts";
import { complaint, readValue } from "./value.ts";

/** A command line taken apart. */
export interface ParsedArgs {
  /** What was given, by long name; lists for flags that repeat. */
  given: Map<string, unknown>;
  /** As text, or as bytes where they are not UTF-8. */
  operands: Bytes[];
  /** What is wrong with it, first things first. Help is shown all the same. */
  error: Error | undefined;
  /** What was perhaps meant, should there be operands too many. */
  hint?: string;
}

interface Spelled {
  readonly name: string;
  readonly flag: Flag;
  readonly negated: boolean;
}

/** Every spelling of every flag. */
function dictionary(flags: Flags): Map<string, Spelled> {
  const words = new Map<string, Spelled>();
  for (const [name, flag] of Object.entries(flags)) {
    for (const word of spellings(name, flag)) words.set(word, { name, flag, negated: false });
    if (negation(flag) !== undefined) words.set(`--no-${name}`, { name, flag, negated: true });
  }
  return words;
}

/** One pass over the arguments of a command. */
class Parser {
  readonly given = new Map<string, unknown>();
  readonly operands: Bytes[] = [];
  hint: string | undefined;
  readonly #args: readonly string[];
  readonly #words: Map<string, Spelled>;
  readonly #tool: string;
  #at = 0;

  constructor(tool: string, args: readonly string[], flags: Flags) {
    this.#tool = tool;
    this.#args = args;
    this.#words = dictionary(flags);
  }

  /** Takes the next argument, and its value where it has one: whether there was one. */
  step(): boolean {
    const arg = this.#args[this.#at];
    if (arg === undefined) return false;
    if (arg === "--") {
      while (++this.#at < this.#args.length) this.#operand();
    } else if (arg.startsWith("--")) {
      this.#long(arg);
    } else if (arg.startsWith("-") && arg !== "-") {
      this.#cluster(arg);
    } else {
      this.#operand();
    }
    this.#at += 1;
    return true;
  }

  #operand(): void {
    this.operands.push(this.#bytes(0));
  }

  /** The argument at hand from this character on; what is before it is ASCII. */
  #bytes(from: number): Bytes {
    const arg = this.#args[this.#at] ?? "";
    const whole = arg.includes("\ufffd") ? rawArgument(arg, this.#args.length - 1 - this.#at) : arg;
    return typeof whole === "string" ? whole.slice(from) : whole.subarray(from);
  }

  #long(arg: string): void {
    const equals = arg.indexOf("=");
    const word = equals < 0 ? arg : arg.slice(0, equals);
    const spelled = this.#words.get(word);
    if (!spelled) throw this.#unknown(word);
    const { flag, negated } = spelled;
    if (!takesValue(flag) || negated) {
      if (equals >= 0) throw usage(`${word} takes no value; ${this.#help}`);
      this.#set(spelled);
    } else if (equals >= 0) {
      this.#value(spelled.name, flag, this.#bytes(equals + 1));
    } else {
      this.#separate(word, spelled.name, flag);
    }
  }

  /** `-qj4`: letters that take no value, then perhaps one with the rest for its value. */
  #cluster(arg: string): void {
    for (let i = 1; i < arg.length; ) {
      const letter = String.fromCodePoint(arg.codePointAt(i) as number);
      const word = `-${letter}`;
      const spelled = this.#words.get(word);
      if (!spelled) throw this.#unknown(word, arg);
      i += letter.length;
      const { name, flag } = spelled;
      if (!takesValue(flag)) {
        this.#set(spelled);
      } else if (i < arg.length) {
        this.#value(name, flag, this.#bytes(i), misspelt(arg) ? nearest(`-${arg}`, this.#names) : undefined);
        return;
      } else {
        this.#separate(word, name, flag);
      }
    }
  }

  /** The value is the next argument. */
  #separate(word: string, name: string, flag: ValueFlag): void {
    const next = this.#args[this.#at + 1];
    if ("bare" in flag && flag.bare !== undefined) {
      this.#value(name, flag, flag.bare);
      // It may be the name of a file, too.
      if (next !== undefined && flag.values.includes(next)) this.hint = `a value of ${word} is written ${word}=${next}`;
      return;
    }
    if (next === undefined) throw usage(`${word} needs a value; ${this.#help}`);
    if (/^-./s.test(next)) throw usage(`${word} needs a value; one that begins with a dash is written --${name}=${next}`);
    this.#at += 1;
    this.#value(name, flag, this.#bytes(0));
  }

  /** @param meant what a wrong value would make of the argument as a whole: `-jobs` is no `-j obs` */
  #value(name: string, flag: ValueFlag, bytes: Bytes, meant?: string): void {
    const text = typeof bytes === "string" ? bytes : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const read = readValue(flag, text);
    if (!("value" in read)) throw usage(`${complaint(`--${name}`, read, text)}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
    const value = flag.type === "path" ? bytes : read.value;
    const before = this.given.get(name) as unknown[] | undefined;
    this.given.set(name, flag.repeat ? [...(before ?? []), value] : value);
  }

  #set({ name, flag, negated }: Spelled): void {
    if (flag.type === "count") this.given.set(name, ((this.given.get(name) as number | undefined) ?? 0) + 1);
    else this.given.set(name, negated ? negation(flag) : true);
  }

  get #help(): string {
    return `see ${calledAs(this.#tool)} --help`;
  }

  /** The long forms that are shown. */
  get #names(): string[] {
    const shown = [...this.#words].filter(([word, { flag }]) => word.startsWith("--") && !flag.hidden);
    return shown.map(([word]) => word);
  }

  #unknown(word: string, cluster?: string): Error {
    const long = this.#names;
    if (word.startsWith("--")) {
      const positive = word.replace(/^--no-/, "--");
      const hint = positive !== word && this.#words.has(positive) ? `; did you mean ${positive}?` : suggestion(word, long, `; ${this.#help}`);
      return usage(`unknown option ${word}${hint}`);
    }
    // A long name with one dash, a letter in the other case, or the first of long names.
    const meant = cluster !== undefined && misspelt(cluster) ? nearest(`-${cluster}`, long) : undefined;
    const other = [word.toLowerCase(), word.toUpperCase()].find((name) => this.#words.has(name));
    const longer = long.filter((name) => name.startsWith(`-${word.toLowerCase()}`)).slice(0, 3);
    const hint = meant ?? other ?? oneOf(longer);
    return usage(`unknown option ${word}${hint === "" ? `; ${this.#help}` : `; did you mean ${hint}?`}`);
  }
}

/** Whether an argument with one dash is so long that it may have been meant to have two. */
const misspelt = (arg: string) => [...arg].length > 3;

/** Takes the arguments of a tool apart. Unknown flags and missing, surplus or wrong values become the error. */
export function parseFlags(tool: string, args: readonly string[], flags: Flags): ParsedArgs {
  const parser = new Parser(tool, args, flags);
  let error: Error | undefined;
  try {
    while (parser.step());
  } catch (thrown) {
    error = thrown as Error;
    // Somebody who asks for help is lost already.
    const rest = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
    if (rest.includes("--help") || rest.includes("-h")) parser.given.set("help", true);
  }
  return { given: parser.given, operands: parser.operands, error, ...(parser.hint !== undefined && { hint: parser.hint }) };
}
