// `bun run pictures [NAME...]`: what the commands look like on terminals of several widths and colours.
//
// Each command runs in a real terminal, whose bytes go through a terminal emulator; the screen becomes an SVG and,
// where there is a Chromium, a PNG for a look at it. They go to .cache/pictures, or where --out says. With --docs it
// makes the pictures of the documents, and nothing else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "./build/layout.ts";
import { drawScreen, pictureSize } from "./pictures/draw.ts";
import { PALETTES, type PaletteName } from "./pictures/palettes.ts";
import { findChromium, photograph } from "./pictures/photograph.ts";
import { commandOf, DOCUMENTED, makeSmallStage, makeStage, TAKES, type Take } from "./pictures/scenes.ts";
import { perform, type Screen } from "./pictures/screen.ts";

const PROGRAM = [process.execPath, join(repositoryRoot, "cli/main.ts")];

/** Runs a take on a stage that was made for it. */
async function screenOf(take: Take, columns: number, stage: string): Promise<Screen> {
  const { until, last, env } = take;
  const scene = { command: commandOf(take, PROGRAM), columns, cwd: stage, env: { HOME: stage, XDG_CONFIG_HOME: stage, ...env }, ...(until && { until }) };
  const { screen } = await perform(scene);
  return last === undefined ? screen : { ...screen, lines: screen.lines.slice(-last) };
}

/** A picture of the documents, as SVG. */
export async function documentPicture({ take, palette }: (typeof DOCUMENTED)[number], stage: string): Promise<string> {
  const of = TAKES[take] as Take;
  return drawScreen(await screenOf(of, 80, stage), PALETTES[palette], of.prompt ?? take);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      out: { type: "string", default: join(repositoryRoot, ".cache/pictures") },
      columns: { type: "string", multiple: true, default: ["80", "200"] },
      palette: { type: "string", multiple: true, default: Object.keys(PALETTES) },
      png: { type: "boolean", default: true },
      docs: { type: "boolean", default: false },
    },
  });
  const unknown = [...positionals.filter((name) => !Object.hasOwn(TAKES, name)), ...values.palette.filter((name) => !Object.hasOwn(PALETTES, name))];
  if (unknown.length > 0) {
    console.error(`pictures: nothing is called ${unknown.join(", ")}; there are ${Object.keys(TAKES).join(", ")} in ${Object.keys(PALETTES).join(", ")}`);
    return 2;
  }
  const stage = mkdtempSync(join(tmpdir(), "suite-stage-"));
  try {
    if (values.docs) {
      makeSmallStage(stage);
      for (const picture of DOCUMENTED) writeFileSync(join(repositoryRoot, "docs/pictures", picture.file), await documentPicture(picture, stage));
      return 0;
    }
    makeStage(stage);
    const chromium = values.png ? findChromium() : undefined;
    if (values.png && !chromium) console.error("pictures: no chromium on this machine, so there are no PNG files (apt-get install chromium)");
    const out = resolve(values.out);
    mkdirSync(out, { recursive: true });
    for (const name of positionals.length > 0 ? positionals : Object.keys(TAKES)) {
      for (const columns of values.columns.map(Number)) {
        const screen = await screenOf(TAKES[name] as Take, columns, stage);
        for (const palette of values.palette as PaletteName[]) {
          const file = join(out, `${name}-${columns}-${palette}`);
          const svg = drawScreen(screen, PALETTES[palette], `suite ${(TAKES[name] as Take).args.join(" ")}`);
          writeFileSync(`${file}.svg`, svg);
          if (chromium) await photograph(chromium, svg, pictureSize(screen), `${file}.png`);
          console.log(file);
        }
      }
    }
    return 0;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await main();
