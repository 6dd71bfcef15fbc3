// What a call throws, as a value.
import { expect } from "bun:test";
import { SuiteError } from "../../src/index.ts";

/** The SuiteError that a promise rejects with, or that a call throws. */
export async function failureOf(what: PromiseLike<unknown> | (() => unknown)): Promise<SuiteError> {
  try {
    await (typeof what === "function" ? what() : what);
  } catch (error) {
    expect(error).toBeInstanceOf(SuiteError);
    return error as SuiteError;
  }
  throw new Error("nothing was thrown");
}
