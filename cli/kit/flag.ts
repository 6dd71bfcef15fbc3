/**
 * What a flag can be. A tool lists its flags once; the parser, the help, the
 * manual page, the completions and the configuration all read this list.
 * @module
 */

/** Text, or bytes where they are not UTF-8. */
export type Bytes = string | Uint8Array;

interface Common {
  /** What it does, for the help: lower case, no full stop. Backquotes set code apart in the manual page. */
  readonly description: string;
  /** Its one-letter form. */
  readonly short?: string;
  /** Other spellings: long names, and single letters. */
  readonly aliases?: readonly string[];
  /**
   * Whether configuration and environment may set it. No for what changes the form of the output: a script relies on it.
   * @default true
   */
  readonly config?: boolean;
  /** Works, but is not shown. */
  readonly hidden?: boolean;
  /** Its value may be a secret: that it is set is shown, not to what. */
  readonly secret?: boolean;
  /** The title below which it is shown, "Files"; otherwise among the general options. */
  readonly group?: string;
}

interface Valued extends Common {
  /** Stands for the value in the help. By default a word for the type. */
  readonly value?: string;
  /** The value when nobody gives one, as a person would write it. */
  readonly default?: string;
  /** May be given several times; the value is then a list. */
  readonly repeat?: boolean;
}

interface Bounded extends Valued {
  readonly min?: number;
  readonly max?: number;
}

/** On or off. One that is on by default is shown as `--no-NAME`. */
export interface BooleanFlag extends Common {
  readonly type: "boolean";
  readonly default?: boolean;
  /** There is a `--no-NAME` too. Always so when it is on by default. */
  readonly negatable?: boolean;
}

/** How often it is given: `-vv` is 2. */
export interface CountFlag extends Common {
  readonly type: "count";
}

/** One of a few words, or with type `set` a list of them with commas. */
export interface WordFlag extends Valued {
  readonly type: "enum" | "set";
  readonly values: readonly string[];
  /** The word that the flag without a value stands for. Then a value needs the equals sign. */
  readonly bare?: string;
  /** The word that `--no-NAME` stands for. */
  readonly negated?: string;
}

/** Any text. */
export interface TextFlag extends Valued {
  readonly type: "string";
}

/** The name of a file, of any bytes. */
export interface PathFlag extends Valued {
  readonly type: "path";
}

/** `integer` and `number` as they are; `size` in bytes, `duration` in milliseconds. */
export interface NumberFlag extends Bounded {
  readonly type: "integer" | "number" | "size" | "duration";
}

/** A point in time, in nanoseconds since 1970. */
export interface DateFlag extends Valued {
  readonly type: "date";
}

/** What has a form of its own. */
export interface ParsedFlag<T = unknown> extends Valued {
  readonly type: "parsed";
  /** Reads the text; undefined when it is wrong. */
  parse(text: string): T | undefined;
  /** The text that `parse` reads as this value, for `suite config show`. */
  write(value: T): string;
  /** What the text is, for messages: "an offset, or two with a colon". */
  readonly expects: string;
}

/** A flag of any type. */
export type Flag = BooleanFlag | CountFlag | WordFlag | TextFlag | PathFlag | NumberFlag | DateFlag | ParsedFlag;

/** The flags that take a value. */
export type ValueFlag = Exclude<Flag, BooleanFlag | CountFlag>;

/** Flags by their long names. */
export type Flags = Readonly<Record<string, Flag>>;

type Single<F> = F extends { type: "boolean" }
  ? boolean
  : F extends { type: "enum"; values: readonly (infer V)[] }
    ? V
    : F extends { type: "set"; values: readonly (infer V)[] }
      ? V[]
      : F extends { type: "string" }
        ? string
        : F extends { type: "path" }
          ? Bytes
          : F extends { type: "date" }
            ? bigint
            : F extends { type: "parsed"; parse(text: string): infer T }
              ? Exclude<T, undefined>
              : number;

type Value<F> = F extends { repeat: true }
  ? Single<F>[]
  : F extends { type: "boolean" | "count" } | { default: string }
    ? Single<F>
    : Single<F> | undefined;

/** What the flags of a tool come to. */
export type Values<F> = { -readonly [K in keyof F]: Value<F[K]> };

/** Whether the flag is followed by a value. */
export function takesValue(flag: Flag): flag is ValueFlag {
  return flag.type !== "boolean" && flag.type !== "count";
}

/** The word that `--no-NAME` stands for, if there is such a flag. */
export function negation(flag: Flag): false | string | undefined {
  if (flag.type === "boolean") return flag.negatable || flag.default ? false : undefined;
  return flag.type === "enum" ? flag.negated : undefined;
}

/** What stands for its value in the help. */
export function placeholder(flag: ValueFlag): string {
  if (flag.value !== undefined) return flag.value;
  if (flag.type === "enum") return flag.values.join("|");
  const words = { set: "LIST", string: "TEXT", path: "FILE", integer: "N", number: "X", size: "SIZE" } as const;
  const more = { duration: "TIME", date: "DATE", parsed: "VALUE" } as const;
  return { ...words, ...more }[flag.type];
}

const dashed = (name: string) => (name.length === 1 ? `-${name}` : `--${name}`);

/** All spellings of a flag but the negated one: short forms stand before the long form they belong to. */
export function spellings(name: string, flag: Flag): string[] {
  const own = [...(flag.short === undefined ? [] : [flag.short]), name];
  return [...own, ...(flag.aliases ?? [])].map(dashed);
}

/** Whether the configuration can set a flag. */
export const configurable = (flag: Flag): boolean => flag.config !== false;
