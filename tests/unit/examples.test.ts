// C-48: every exported symbol says what it is, functions and classes by an example too, and each example does what
// its comments say.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as api from "../../src/index.ts";
import { runCommand, withSuite } from "../support/child.ts";
import { promisedOutput } from "../support/documents.ts";
import { filesBelow, textOf } from "../support/imports.ts";
import { temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();

/** The names that src/index.ts exports, and the file each comes from. */
function exported(): { name: string; file: string }[] {
  return [...textOf("src/index.ts").matchAll(/export (?:type )?\{([^}]*)\} from "([^"]+)"/g)].flatMap(
    ([, names = "", from = ""]) =>
      names
        .split(",")
        .map((name) => name.trim().replace(/^type /, ""))
        .filter((name) => name !== "")
        .map((name) => ({ name, file: join("src", from) })),
  );
}

/** The doc comment in front of a declaration, and what is declared; follows a re-export to its file. */
function declarationOf({ name, file }: { name: string; file: string }): { doc: string; kind: string } {
  const text = textOf(file);
  const pattern = new RegExp(
    `((?:/\\*\\*(?:[^*]|\\*(?!/))*\\*/\\s*)?)export (?:declare )?(?:abstract )?(function|class|interface|type|const) ${name}\\b`,
  );
  const found = pattern.exec(text);
  if (found) return { doc: found[1] ?? "", kind: found[2] ?? "" };
  const again = new RegExp(`export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from "([^"]+)"`).exec(text);
  if (!again) throw new Error(`${name} is not declared in ${file}`);
  return declarationOf({ name, file: join(dirname(file), again[1] ?? "") });
}

describe("exported symbols", () => {
  test("are found", () => {
    const names = exported().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["compare", "Run", "SuiteError", "ErrorCode", "pathSource"]));
    // Whatever the program sees at run time is in the list.
    expect(names).toEqual(expect.arrayContaining(Object.keys(api)));
  });

  for (const symbol of exported()) {
    test(symbol.name, () => {
      const { doc, kind } = declarationOf(symbol);
      expect(doc).toStartWith("/**");
      const text = doc.replaceAll(/[/*\s]/g, "");
      expect(text.length).toBeGreaterThan(10);
      // An error is thrown to people and a record handed to them: they make neither.
      const made = kind === "function" || (kind === "class" && !/Error$|Record$/.test(symbol.name));
      if (made || symbol.name === "SuiteError") expect(doc).toContain("@example");
    });
  }
});

/** Each example of the library: its code, and what it says it prints. */
const examples = filesBelow(["src"], /\.ts$/).flatMap((file) => {
  const text = textOf(file);
  return [...text.matchAll(/@example\s*\n(?:\s*\*\s*\n)?\s*\* ```ts\n([\s\S]*?)\n\s*\* ```/g)].map((found) => ({
    name: `${file}:${text.slice(0, found.index).split("\n").length}`,
    code: (found[1] ?? "").replaceAll(/^\s*\* ?/gm, ""),
  }));
});

describe("examples", () => {
  test("are found, and none has another form", () => {
    const all = filesBelow(["src"], /\.ts$/).map((file) => textOf(file).match(/^\s*\*\s*@example/gm)?.length ?? 0);
    expect(examples.length).toBe(all.reduce((sum, n) => sum + n, 0));
    expect(examples.length).toBeGreaterThan(5);
  });

  test.each(examples)("$name", async ({ name, code }) => {
    const promised = promisedOutput(code);
    expect(promised.length).toBeGreaterThanOrEqual(code.match(/console\.log/g)?.length ?? 1);
    const script = join(dir, `${name.replaceAll(/[/:]/g, "-")}.ts`);
    writeFileSync(script, withSuite(code.replaceAll("/tmp/", `${dir}/`)));
    const ended = await runCommand([process.execPath, script]);
    expect(ended).toMatchObject({ code: 0, stdout: `${promised.join("\n")}\n`, stderr: "" });
  });
});
