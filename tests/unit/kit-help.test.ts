// Help, manual page and completions of a tool that has every type of flag.
import { describe, expect, test } from "bun:test";
import { EXIT_CODES } from "../../cli/kit/exit.ts";
import { renderHelp } from "../../cli/kit/help.ts";
import { renderMan } from "../../cli/kit/man.ts";
import { painted, unpainted, wantsColor } from "../../cli/kit/style.ts";
import { toy } from "../support/toy-tool.ts";

const help = (width: number) => renderHelp(toy, { width, paint: unpainted });

describe("help", () => {
  test("at 80 columns", () => {
    expect(`\n${help(80)}`).toMatchInlineSnapshot(`
      "
      Examples:
        suite toy --jobs 4 a b            four at once
        suite toy --since '2 days ago' .  what is new

      Usage: suite toy [OPTIONS] ACTION [FILE...]

      Does nothing, and says with which options. The text is long enough to be broken
      into lines on a terminal of 80 columns.

      Operands:
        ACTION  what to do: fetch or store
        FILE    any number of files

      Signs:
        +  added

      Options:
        -o, --on                    a switch
            --no-cache              do without the cache
            --links                 follow links [--no-links turns it off]
        -d, --depth                 go deeper
        -n, --name, --title TEXT    a text
        -x, --exclude GLOB          leave these out [may be repeated]
        -f, --list FILE             a file of any name
        -j, --jobs N                threads [default: 4]
            --ratio X               a number
            --size SIZE             a size
            --wait TIME             how long to wait [default: 90s]
            --since DATE            only what is newer
            --order name|size|none  how to sort [default: name]
            --when[=WHEN]           when [--no-when]
            --fields LIST           what to look at [of mode, owner, mtime]
            --range A[:B]           where

      Common options:
            --plain                 one record a line, no colour, nothing escaped but
                                    \\n, \\t and \\\\
        -0, --null                  names as they are, each line ended by a NUL
                                    instead of a newline
        -q, --quiet                 print nothing but errors
        -v, --verbose               tell on stderr what is worth knowing
            --progress[=WHEN]       progress on stderr: auto when it is a terminal,
                                    always (or no value), json (one object a line),
                                    never [--no-progress] [default: auto]
            --color[=WHEN]          colour: auto when the output is a terminal, always
                                    (or no value), never [--no-color] [default: auto]
            --config FILE           read settings from this TOML file; it is stronger
                                    than the one of the user
        -h, --help                  this text
            --version               the version; with --verbose how it was built
      "
    `);
  });

  test("at 200 columns", () => {
    expect(`\n${help(200)}`).toMatchInlineSnapshot(`
      "
      Examples:
        suite toy --jobs 4 a b            four at once
        suite toy --since '2 days ago' .  what is new

      Usage: suite toy [OPTIONS] ACTION [FILE...]

      Does nothing, and says with which options. The text is long enough to be broken into lines on a terminal of 80
      columns.

      Operands:
        ACTION  what to do: fetch or store
        FILE    any number of files

      Signs:
        +  added

      Options:
        -o, --on                    a switch
            --no-cache              do without the cache
            --links                 follow links [--no-links turns it off]
        -d, --depth                 go deeper
        -n, --name, --title TEXT    a text
        -x, --exclude GLOB          leave these out [may be repeated]
        -f, --list FILE             a file of any name
        -j, --jobs N                threads [default: 4]
            --ratio X               a number
            --size SIZE             a size
            --wait TIME             how long to wait [default: 90s]
            --since DATE            only what is newer
            --order name|size|none  how to sort [default: name]
            --when[=WHEN]           when [--no-when]
            --fields LIST           what to look at [of mode, owner, mtime]
            --range A[:B]           where

      Common options:
            --plain                 one record a line, no colour, nothing escaped but \\n, \\t and \\\\
        -0, --null                  names as they are, each line ended by a NUL instead of a newline
        -q, --quiet                 print nothing but errors
        -v, --verbose               tell on stderr what is worth knowing
            --progress[=WHEN]       progress on stderr: auto when it is a terminal, always (or no value), json (one
                                    object a line), never [--no-progress] [default: auto]
            --color[=WHEN]          colour: auto when the output is a terminal, always (or no value), never
                                    [--no-color] [default: auto]
            --config FILE           read settings from this TOML file; it is stronger than the one of the user
        -h, --help                  this text
            --version               the version; with --verbose how it was built
      "
    `);
  });

  test("no line is wider than the terminal", () => {
    for (const width of [60, 80, 100, 200]) {
      const widest = Math.max(...help(width).split("\n").map((line) => Bun.stringWidth(line)));
      expect(widest).toBeLessThanOrEqual(width);
    }
  });

  test("colour changes nothing else", () => {
    const coloured = renderHelp(toy, { width: 80, paint: painted });
    expect(coloured).toContain("\x1b[4mExamples:\x1b[24m\n  \x1b[1msuite toy --jobs 4 a b\x1b[22m");
    expect(Bun.stripANSI(coloured)).toBe(help(80));
  });

  test("what is hidden stays so", () => {
    expect(help(80)).not.toContain("secret");
    expect(renderMan(toy, "1")).not.toContain("secret");
  });
});

describe("colour", () => {
  test.each<[string, "auto" | "always" | "never", boolean, Record<string, string>, boolean]>([
    ["a terminal", "auto", true, {}, true],
    ["a pipe", "auto", false, {}, false],
    ["NO_COLOR", "auto", true, { NO_COLOR: "yes" }, false],
    ["NO_COLOR that is empty", "auto", true, { NO_COLOR: "" }, true],
    ["FORCE_COLOR", "auto", false, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR that is empty", "auto", false, { FORCE_COLOR: "" }, false],
    ["FORCE_COLOR=0", "auto", true, { FORCE_COLOR: "0" }, false],
    ["both", "auto", true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    ["a terminal that can do nothing", "auto", true, { TERM: "dumb" }, false],
    ["--color=always is stronger", "always", false, { NO_COLOR: "1", TERM: "dumb" }, true],
    ["--color=never is stronger", "never", true, { FORCE_COLOR: "1" }, false],
  ])("%s", (_, when, terminal, env, colour) => expect(wantsColor(when, terminal, env)).toBe(colour));
});

describe("manual page", () => {
  const page = renderMan(toy, "1.2.3");

  test("has the sections of a manual page", () => {
    const sections = [...page.matchAll(/^\.Sh (.*)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"]);
    expect(page).toContain('.Nm "suite\\-toy"\n.Nd try every type of flag\n');
    expect(page).toContain('.It Fl "j" , Fl "\\-jobs" Ar "N"\n');
    expect(page).toContain('.It Fl "\\-when" Ns Oo Ns = Ns Ar "WHEN" Oc\n');
    expect(page.match(/^\.It \d+$/gm)).toHaveLength(EXIT_CODES.length);
  });

  const mandoc = Bun.which("mandoc");
  test.skipIf(mandoc === null)("mandoc has nothing to warn of", async () => {
    const lint = Bun.spawn(["mandoc", "-Tlint", "-Wwarning"], { stdin: Buffer.from(page), stdout: "pipe", stderr: "pipe" });
    expect(await lint.stdout.text()).toBe("");
    const text = Bun.spawn(["mandoc", "-Tutf8"], { stdin: Buffer.from(page), stdout: "pipe" });
    // Bold is a letter typed over itself.
    const read = (await text.stdout.text()).replaceAll(new RegExp(`.${String.fromCharCode(8)}`, "g"), "");
    for (const words of ["suite toy [OPTIONS] ACTION [FILE ...]", "-x, --exclude GLOB", "--when[=WHEN]", "--no-cache"]) {
      expect(read).toContain(words);
    }
  });
});
