// Any bytes as an operand: a path of the same bytes, an archive and what is inside it, a stream, a URL, or refused; as
// text the same as in bytes.
import assert from "node:assert/strict";
import { parseOperand } from "../../src/tree/parse.ts";
import { textOf, unlessRefused, type FuzzTarget } from "./kit/target.ts";

const parse = (operand: string | Uint8Array) =>
  unlessRefused(["E_USAGE", "E_UNSUPPORTED"], () => parseOperand(operand));
const latin1 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("latin1");

export const target: FuzzTarget = {
  words: [
    "/",
    "./",
    "../",
    "https:",
    "http://",
    "s3://",
    "manifest:",
    "archive:",
    "-",
    "/dev/fd/",
    "/proc/self/fd/",
  ].concat(["63", "!/", "\0", "LICENSE!/", "@", ":80", "#", "?", "[::1]", "%", "a".repeat(300), "b/".repeat(2050)]),
  run(input) {
    const location = parse(input);
    if (location?.kind === "path") {
      // All of its bytes are there, but for what says that it is an archive, and slashes around what is inside.
      const rest = location.archive ? latin1(input).replace(/^archive:/, "") : latin1(input);
      const [path, inner] = [latin1(location.path), latin1(location.inner)];
      assert(rest.startsWith(path));
      if (location.inner !== undefined) assert.match(inner, /^[^/]([^]*[^/])?$/);
      const between = rest.slice(path.length);
      if (between !== "") assert.equal(between.replace(/^!\/+/, "").replace(/\/+$/, ""), inner);
    }
    if (location?.kind === "descriptor") assert(Number.isSafeInteger(location.fd) && location.fd >= 0);
    if (location?.kind === "url") assert.match(location.url.protocol, /^https?:$/);
    // What begins as a path is never anything else.
    if (/^(\/(?!dev\/|proc\/)|\.\.?\/)/.test(textOf(input)) && !input.includes(0)) assert.equal(location?.kind, "path");
    const text = textOf(input);
    if (!text.includes("\ufffd")) assert.deepEqual(plain(parse(text)), plain(location));
  },
};

/** With views of the same bytes made alike. */
function plain(location: ReturnType<typeof parse>) {
  if (location?.kind === "url") return { ...location, url: location.url.href };
  if (location?.kind !== "path") return location;
  return { ...location, path: latin1(location.path), ...(location.inner && { inner: latin1(location.inner) }) };
}
