// C-78: the page of `suite compare --html`, looked at in a real browser.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compare } from "../cli/kit/suite.ts";
import { CHROMIUM, withPage } from "../support/chromium.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";

const cwd = temporaryFolder();
const HOSTILE = `<img src=x onerror="document.title='run'">&amp;'"`;
const TURNED = "gnp.\u202eexe.txt";

makeTree(join(cwd, "L"), {
  "same.txt": "same",
  "changed.txt": "one",
  [HOSTILE]: "1",
  [TURNED]: "1",
  "gone/deep/file": "",
  [`${"long-name-".repeat(20)}.bin`]: "x",
});
makeTree(join(cwd, "R"), { "same.txt": "same", "changed.txt": "two and more", "new.txt": "" });
mkdirSync(join(cwd, "out"));
const page = join(cwd, "out/report.html");

/** Relative luminance contrast of two `rgb()` colours, as WCAG 2.2 defines it. */
const CONTRAST = `(() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => { const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const paper = (node) => { for (; node; node = node.parentElement) { const c = getComputedStyle(node).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return "rgb(255,255,255)"; };
  return Math.min(...[...document.querySelectorAll("h1, h1 b, dt, dd, li, th, td")].filter((n) => n.offsetParent).map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(paper(node))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
})()`;

test("the command writes it whole, beside its usual output", async () => {
  const { code, text } = await compare(["--html", page, "L", "R"], { cwd });
  expect(code).toBe(1);
  expect(text).toContain("* changed.txt\tsize_mismatch");
  expect(readdirSync(join(cwd, "out"))).toEqual(["report.html"]);
  const html = readFileSync(page, "utf8");
  expect(html).not.toContain("<img");
  expect(html).not.toContain("\u202e");
  expect(html).not.toMatch(/<(?!meta)[^>]*\s(?:src|href|on\w+)=/);
});

test("with -q too, and of a comparison that failed", async () => {
  const quiet = join(cwd, "out/quiet.html");
  expect((await compare(["-q", "--html", quiet, "L", "R"], { cwd })).code).toBe(1);
  expect(readFileSync(quiet, "utf8")).toContain("<title>different");
  const failed = join(cwd, "out/failed.html");
  expect((await compare(["--html", failed, "L", "nowhere"], { cwd })).code).toBe(4);
  expect(readFileSync(failed, "utf8")).toContain("E_NOT_FOUND");
});

test("a place that cannot be written is an error, and nothing is left", async () => {
  const end = await compare(["--html", "no/such/place.html", "L", "R"], { cwd });
  expect(end.code).toBe(4);
  expect(end.stderr).toContain("E_WRITE");
  expect(existsSync(join(cwd, "no"))).toBe(false);
});

describe.skipIf(CHROMIUM === null)("in a browser", () => {
  test("names are text, nothing runs, nothing is fetched", async () => {
    await compare(["--html", page, "L", "R"], { cwd });
    await withPage(pathToFileURL(page).href, async (view) => {
      expect(await view.evaluate<string>("document.title")).toBe("different: L and R");
      const paths = await view.evaluate<string[]>("[...document.querySelectorAll('td:nth-child(2)')].map((n) => n.textContent)");
      expect(paths).toContain(HOSTILE);
      expect(paths).toContain("gnp.\\u{202e}exe.txt");
      expect(paths).toContain("gone/");
      expect(await view.evaluate<number>("document.images.length")).toBe(0);
      expect(await view.evaluate<number>("performance.getEntriesByType('resource').length")).toBe(0);
    });
  });

  test.each([
    { width: 360, dark: false },
    { width: 360, dark: true },
    { width: 1280, dark: false },
    { width: 1280, dark: true },
  ])("$width px wide, dark: $dark", async (how) => {
    await compare(["--html", page, "--all-entries", "L", "R"], { cwd });
    await withPage(pathToFileURL(page).href, async (view) => {
      await view.view(how);
      expect(await view.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(how.width);
      // WCAG 2.2, 1.4.3: ordinary text.
      expect(await view.evaluate<number>(CONTRAST)).toBeGreaterThanOrEqual(4.5);
      const paper = await view.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      expect(paper).toBe(how.dark ? "rgb(22, 24, 27)" : "rgb(255, 255, 255)");
      const keep = process.env["SUITE_TEST_PICTURES"];
      if (keep) writeFileSync(join(keep, `report-${how.width}-${how.dark ? "dark" : "light"}.png`), await view.picture());
    });
  });
});
