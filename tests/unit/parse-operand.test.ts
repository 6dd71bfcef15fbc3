// The operand grammar: what is a path, what a scheme, what a stream.
import { describe, expect, test } from "bun:test";
import { parseOperand, type Location } from "../../src/tree/parse.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
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

describe("manifests", () => {
  test.each(["f", "./manifest:f", "-", "https://example.org/SHA256SUMS", "manifest:f", "\n"])("manifest:%s", (operand) => {
    expect(parseOperand(`manifest:${operand}`)).toEqual({ kind: "manifest", operand: bytes(operand) });
    expect(parseOperand(`./manifest:${operand}`)).toEqual({ kind: "path", path: bytes(`./manifest:${operand}`) });
  });
});

describe("archives", () => {
  const dir = temporaryFolder();
  const at = makeTree(dir, { "a.tar": "", "b!/c.tar": "", "d!/e": "" });

  test("archive: says that a file is one", () => {
    expect(parseOperand("archive:x")).toEqual({ kind: "path", path: bytes("x"), archive: true });
    expect(parseOperand("archive:archive:x")).toEqual({ kind: "path", path: bytes("archive:x"), archive: true });
  });

  test("!/ splits at the first prefix that is a file", () => {
    const inside = (operand: string) => {
      const { path, inner, archive } = parseOperand(`${at}/${operand}`) as Extract<Location, { kind: "path" }>;
      const text = (data: Uint8Array | undefined) => data && new TextDecoder().decode(data);
      return [text(path)?.slice(at.length + 1), archive, text(inner)];
    };
    expect(inside("a.tar!/x/y")).toEqual(["a.tar", true, "x/y"]);
    expect(inside("a.tar!//x//")).toEqual(["a.tar", true, "x"]);
    expect(inside("a.tar!/")).toEqual(["a.tar", true, undefined]);
    expect(inside("a.tar!/b.tar!/c")).toEqual(["a.tar", true, "b.tar!/c"]);
    expect(inside("b!/c.tar!/x")).toEqual(["b!/c.tar", true, "x"]);
    expect(inside("d!/e")).toEqual(["d!/e", undefined, undefined]);
    expect(inside("no.tar!/x")).toEqual(["no.tar!/x", undefined, undefined]);
    // What cannot be looked at is no archive, and what is wrong with it is told by whoever opens it.
    for (const odd of ["a.tar/x!/y", `${"n".repeat(300)}!/x`, `${"d/".repeat(2500)}!/x`])
      expect(inside(odd)).toEqual([odd, undefined, undefined]);
  });
});

describe("streams", () => {
  test("a dash behind a byte order mark is a name, also in bytes", () => {
    for (const form of ["\ufeff-", bytes("\ufeff-")])
      expect(parseOperand(form)).toEqual({ kind: "path", path: bytes("\ufeff-") });
  });

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

describe("URLs", () => {
  test.each([
    ["http://example.org", "http://example.org/"],
    ["https://EXAMPLE.org:443/a b?c#d", "https://example.org/a%20b?c#d"],
    ["http://user:word@[::1]:8080/", "http://user:word@[::1]:8080/"],
    ["http://bücher.example/", "http://xn--bcher-kva.example/"],
  ])("%s", (operand, href) => {
    expect(parseOperand(operand)).toEqual({ kind: "url", url: new URL(href) });
    expect(parseOperand(bytes(operand))).toEqual({ kind: "url", url: new URL(href) });
  });
});

describe("refused", () => {
  test.each([
    ["", "E_USAGE", "empty"],
    ["a\0b", "E_USAGE", "NUL"],
    ["\0", "E_USAGE", "NUL"],
    ["http:x", "E_USAGE", "./http:x"],
    ["https:/x", "E_USAGE", "it is no URL"],
    ["http://", "E_USAGE", "it is no URL"],
    ["http://[::1", "E_USAGE", "it is no URL"],
    ["https://x:99999/", "E_USAGE", "it is no URL"],
    ["s3://b/k", "E_UNSUPPORTED", "s3:"],
    ["gs://b", "E_UNSUPPORTED", "gs:"],
    ["az://b", "E_UNSUPPORTED", "az:"],
    ["manifest:", "E_USAGE", "no path follows"],
    ["archive:", "E_USAGE", "no path follows"],
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
