// Any bytes as an operand: a path of the same bytes, a stream, or refused; as text the same as in bytes.
import assert from "node:assert/strict";
import { parseOperand } from "../../src/tree/parse.ts";
import { textOf, unlessRefused, type FuzzTarget } from "./kit/target.ts";

export const target: FuzzTarget = {
  words: [
    "/",
    "./",
    "../",
    "https:",
    "s3://",
    "manifest:",
    "archive:",
    "-",
    "/dev/fd/",
    "/proc/self/fd/",
    "63",
    "!/",
    "\0",
  ],
  run(input) {
    const location = unlessRefused(["E_USAGE", "E_UNSUPPORTED"], () => parseOperand(input));
    if (location?.kind === "path") assert.deepEqual(location.path, input);
    if (location?.kind === "descriptor") assert(Number.isSafeInteger(location.fd) && location.fd >= 0);
    // What begins as a path is never anything else.
    if (/^(\/(?!dev\/fd\/|proc\/)|\.\.?\/)/.test(textOf(input)) && !input.includes(0))
      assert.equal(location?.kind, "path");
    const text = textOf(input);
    if (!text.includes("\ufffd"))
      assert.deepEqual(
        unlessRefused(["E_USAGE", "E_UNSUPPORTED"], () => parseOperand(text)),
        location,
      );
  },
};
