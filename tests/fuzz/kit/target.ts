// What a fuzz target in TypeScript is: tests/fuzz/NAME_fuzz.ts exports it as `target`.
import { SuiteError } from "../../../src/errors.ts";
import type { ErrorCode } from "../../../src/errors.gen.ts";

/** A parser that is given any bytes. */
export interface FuzzTarget {
  /** Runs it once. Throws when something does not hold; that is a finding. */
  readonly run: (input: Uint8Array) => void | Promise<void>;
  /** What inputs are made of: words that a mutation may put in. */
  readonly words: readonly string[];
}

/** The input as text, with what is not UTF-8 as U+FFFD. */
export const textOf = (input: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(input);

/** What a call gives, or `undefined` when it refuses with one of these errors. Anything else that it throws is a finding. */
export function unlessRefused<T>(codes: readonly ErrorCode[], call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    return refusal(codes, error);
  }
}

/** The same of a promise. */
export async function laterUnlessRefused<T>(codes: readonly ErrorCode[], promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => refusal(codes, error));
}

function refusal(codes: readonly ErrorCode[], error: unknown): undefined {
  if (error instanceof SuiteError && codes.includes(error.code)) return undefined;
  throw error;
}
