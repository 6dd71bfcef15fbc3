// The operand grammar: what is a path, what a scheme, what a stream.
import { describe, expect, test } from "bun:test";
import { parseOperand } from "../../src/tree/parse.ts";
import { SuiteError } from "../../src/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("paths", () => {
  test.each([
    "a",
    "/a",
    "./a",
    "../a",
    "a b",
    "--",
    "-x",
    "./-",
    "./https://example.org",
    "/s3://bucket",
    "C:/windows",
    "name:with:colons",
    "HTTP://example.org",
    "ftp://example.org",
    "http",
    "httpx:",
    ":",
    "/dev/fd",
    "/dev/fd/",
    "/dev/fd/x",
    "/dev/fd/1/x",
    "/dev/fd/-1",
    "/dev/fd/1234567890",
    "ünï",
    "\n",
  ])("%p", (operand) => {
    expect(parseOperand(operand)).toEqual({ kind: "path", path: bytes(operand) });
    expect(parseOperand(bytes(operand))).toEqual({ kind: "path", path: bytes(operand) });
  });

  test("of bytes that are not UTF-8 keep them", () => {
    const path = Uint8Array.of(0xff, 0x2f, 0xfe);
    expect(parseOperand(path)).toEqual({ kind: "path", path });
  });
});

describe("streams", () => {
  test("a single - is standard input", () => {
    expect(parseOperand("-")).toEqual({ kind: "stdin" });
    expect(parseOperand(bytes("-"))).toEqual({ kind: "stdin" });
  });

  test.each([
    ["/dev/fd/0", 0],
    ["/dev/stdin", 0],
    ["/dev/fd/63", 63],
    ["/proc/self/fd/7", 7],
    ["/dev/fd/007", 7],
  ])("%s", (operand, fd) => {
    expect(parseOperand(operand)).toEqual({ kind: "descriptor", fd });
  });
});

describe("refused", () => {
  test.each([
    ["", "E_USAGE", "empty"],
    ["a\0b", "E_USAGE", "NUL"],
    ["\0", "E_USAGE", "NUL"],
    ["http://x", "E_UNSUPPORTED", "./http://x"],
    ["https://x", "E_UNSUPPORTED", "https:"],
    ["s3://b/k", "E_UNSUPPORTED", "s3:"],
    ["gs://b", "E_UNSUPPORTED", "gs:"],
    ["az://b", "E_UNSUPPORTED", "az:"],
    ["manifest:f", "E_UNSUPPORTED", "manifest:"],
    ["archive:f", "E_UNSUPPORTED", "archive:"],
  ])("%p", (operand, code, said) => {
    for (const form of [operand, bytes(operand)]) {
      let thrown: unknown;
      try {
        parseOperand(form);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(SuiteError);
      expect(thrown).toMatchObject({ code });
      expect((thrown as SuiteError).message).toContain(said);
    }
  });
});
