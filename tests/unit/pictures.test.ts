// The terminal emulator that the pictures of the documents come from, the drawing, and whether colours can be read.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOOKS } from "../../cli/commands/compare-printer.ts";
import { painted } from "../../cli/kit/style.ts";
import { drawScreen, pictureSize } from "../../scripts/pictures/draw.ts";
import { documentPicture } from "../../scripts/pictures.ts";
import { DOCUMENTED, makeSmallStage } from "../../scripts/pictures/scenes.ts";
import { ROOT } from "../support/child.ts";
import { contrast, PALETTES } from "../../scripts/pictures/palettes.ts";
import { perform, screenText } from "../../scripts/pictures/screen.ts";

const print = (text: string, columns = 20) => perform({ command: ["printf", "%b", text], columns, cwd: "/", env: {} });

describe("a screen", () => {
  test("is what a person sees, not what was sent", async () => {
    const { screen, exit } = await print("10%%\\r\\033[Kdone\\n\\033[31mred\\033[39m wide 日本 e\u0301.\\n");
    expect({ text: screenText(screen), exit }).toEqual({ text: "done\nred wide 日本 e\u0301.\n", exit: 0 });
    expect(screen.lines[1]?.[0]).toMatchObject({ column: 0, columns: 3, text: "red", colour: 1 });
    expect(screen.lines[1]?.find(({ text }) => text === "本")).toMatchObject({ column: 11, columns: 2 });
  });

  test("breaks what is too long for it", async () => {
    expect(screenText((await print("12345678901234567890abc", 20)).screen)).toBe("12345678901234567890\nabc\n");
  });

  test("can be taken while the command works, which is then ended", async () => {
    const command = ["sh", "-c", "echo one; sleep 600; echo two"];
    const { screen } = await perform({ command, columns: 20, cwd: "/", env: {}, until: /one/ });
    expect(screenText(screen)).toBe("one\n");
  });
});

describe("a drawing", () => {
  test("holds text, looks and the colours of the palette", async () => {
    const { screen } = await print("\\033[31m<\\033[39m a & b\\n\\033[7m!\\033[27m\\033[1mx\\033[22m\\033[4my\\n");
    const svg = drawScreen(screen, PALETTES.light, 'suite "compare"');
    const { ground, text, colours } = PALETTES.light;
    expect(svg).toContain("<title>suite &quot;compare&quot;</title>");
    expect(svg).toContain(`fill="${colours[1]}">&lt;</text>`);
    expect(svg).toContain(`fill="${text}"> a &amp; b</text>`);
    expect(svg).toContain(`fill="${ground}">!</text>`);
    expect(svg).toContain('font-weight="700">x</text>');
    expect(svg).toContain('text-decoration="underline">y</text>');
    expect(pictureSize(screen)).toEqual({ width: 20 * 8 + 24, height: 2 * 18 + 24 });
  });
});

test.each(DOCUMENTED.map((picture) => [picture.file, picture] as const))("docs/pictures/%s shows what the command prints", async (file, picture) => {
  const stage = mkdtempSync(join(tmpdir(), "suite-stage-"));
  try {
    makeSmallStage(stage);
    expect(await documentPicture(picture, stage), "bun run pictures --docs").toBe(readFileSync(join(ROOT, "docs/pictures", file), "utf8"));
  } finally {
    rmSync(stage, { recursive: true });
  }
});

test("contrast is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBe(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  expect(contrast("#123456", "#123456")).toBe(1);
});

test("every sign is read on every palette", () => {
  for (const look of Object.values(LOOKS)) {
    // A colour is 30 to 37; other looks keep the colour of plain text.
    const colour = /^\[3([0-7])m/.exec(painted(look, "x").slice(1))?.[1];
    if (colour === undefined) continue;
    for (const [name, { colours, ground }] of Object.entries(PALETTES)) {
      const ratio = contrast(colours[Number(colour)] ?? ground, ground);
      expect({ look, name, read: ratio >= 2 }).toEqual({ look, name, read: true });
    }
  }
  expect(Object.values(LOOKS)).toContain("red");
});
