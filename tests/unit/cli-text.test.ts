// Names of files on a line of output: a line stays a line, and a terminal is told nothing by a name.
import { describe, expect, test } from "bun:test";
import { renderPath } from "../../cli/kit/text.ts";

const encoder = new TextEncoder();

/** What a name looks like: as text for a terminal, and its bytes for a pipe. */
function rendered(name: string | number[]): { terminal: string; pipe: Uint8Array } {
  const bytes = typeof name === "string" ? encoder.encode(name) : Uint8Array.from(name);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const terminal = renderPath(text, () => bytes, true);
  const pipe = renderPath(text, () => bytes, false);
  expect(typeof terminal).toBe("string");
  return { terminal: String(terminal), pipe: typeof pipe === "string" ? encoder.encode(pipe) : pipe };
}

describe("a name without surprises", () => {
  test.each(["a", "dir/file.txt", "with space", "ünï/cödé", "日本語", "🎉", "quote\"'`$(x)", "-rf", "é"])(
    "%p is itself",
    (name) => {
      const { terminal, pipe } = rendered(name);
      expect(terminal).toBe(name);
      expect(pipe).toEqual(encoder.encode(name));
    },
  );

  test("is not even looked at as bytes", () => {
    expect(renderPath("plain", () => expect.unreachable(), true)).toBe("plain");
  });
});

describe("what breaks a line", () => {
  test.each([
    ["a\nb", "a\\nb"],
    ["a\tb", "a\\tb"],
    ["a\\b", "a\\\\b"],
    ["\\n", "\\\\n"],
    ["\n\t\\", "\\n\\t\\\\"],
  ])("%p is escaped wherever it goes", (name, escaped) => {
    const { terminal, pipe } = rendered(name);
    expect(terminal).toBe(escaped);
    expect(pipe).toEqual(encoder.encode(escaped));
  });
});

describe("what a terminal would act on", () => {
  const table: [string, string | number[], string][] = [
    ["a colour", "\u001b[31mred", "\\x1b[31mred"],
    ["a title", "\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
    ["a carriage return", "a\rb", "a\\x0db"],
    ["a backspace", "a\bb", "a\\x08b"],
    ["a delete", "\u007f", "\\x7f"],
    ["a C1 control", "\u009b31m", "\\u{9b}31m"],
    ["text from right to left", "\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["an isolate", "\u2066x\u2069", "\\u{2066}x\\u{2069}"],
    ["an Arabic letter mark", "\u061c", "\\u{61c}"],
    ["direction marks", "\u200e\u200f", "\\u{200e}\\u{200f}"],
    ["line and paragraph separators", "\u2028\u2029", "\\u{2028}\\u{2029}"],
    ["a byte order mark", "\ufeffx", "\\u{feff}x"],
    ["a bad byte", [0x61, 0xff, 0x62], "a\\xffb"],
    ["a lone continuation", [0x80], "\\x80"],
    ["a character that is cut off", [0xe6, 0x97], "\\xe6\\x97"],
    ["a character that is cut off by another", [0xe6, 0x41, 0x42], "\\xe6AB"],
    ["an overlong slash", [0xc0, 0xaf], "\\xc0\\xaf"],
    ["a surrogate", [0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
    ["past the last character", [0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"],
    ["bad bytes beside good ones", [0xff, 0xc3, 0xbc, 0xfe], "\\xffü\\xfe"],
    ["a real U+FFFD", "\ufffd", "\\xef\\xbf\\xbd"],
    ["an emoji beside a control", "🎉\u0001", "🎉\\x01"],
  ];
  test.each(table)("%s is shown", (_, name, shown) => {
    expect(rendered(name).terminal).toBe(shown);
  });

  test.each(table.map(([what, name]) => [what, name] as const))("%s goes to a pipe as its bytes", (_, name) => {
    const bytes = typeof name === "string" ? encoder.encode(name) : Uint8Array.from(name);
    expect(rendered(name).pipe).toEqual(bytes);
  });

  test("no byte at all leaves anything but printable text", () => {
    for (let byte = 0; byte < 256; byte++) {
      const { terminal } = rendered([0x61, byte, 0x62]);
      // oxlint-disable-next-line no-control-regex
      expect(terminal).not.toMatch(/[\u0000-\u001f\u007f-\u009f\ufffd]/);
    }
  });
});
