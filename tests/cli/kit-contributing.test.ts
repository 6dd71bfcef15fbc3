// CONTRIBUTING.md does what it says: its example is built in a copy of the checkout, its commands are run there.
import { expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../support/child.ts";
import { temporaryFolder } from "../support/temp.ts";

/** What this test is part of, what starts it, and what changes nothing about the example. */
const ELSEWHERE = ["bun install", "bun run demo", "bun run verify", "bun run lint", "bun run build:native"];

const copy = join(temporaryFolder(), "copy");

function checkout(): void {
  for (const name of [
    "cli",
    "src",
    "tests",
    "scripts",
    "bench",
    "npm",
    "docs",
    "README.md",
    "package.json",
    "tsconfig.json",
    "bunfig.toml",
  ]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  for (const name of ["node_modules", ".cache", "libcore"]) symlinkSync(join(ROOT, name), join(copy, name));
}

test("the example of CONTRIBUTING.md", () => {
  checkout();
  const blocks = [
    ...readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8").matchAll(/^```(\w+)(?: (file|line)=(\S+))?\n(.*?)^```$/gms),
  ];
  const ran: string[] = [];
  for (const [, language, , , text = ""] of blocks.filter(([, , kind]) => kind === undefined))
    expect([language, text]).toEqual(["sh", text]);
  for (const [, , kind, path = "", text = ""] of blocks) {
    if (kind === "file") {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    } else if (kind === "line") {
      const list = readFileSync(join(copy, path), "utf8");
      const changed = list.replace("export const TOOLS: Commands = {\n", (found) => found + text);
      expect(changed).not.toBe(list);
      writeFileSync(join(copy, path), changed);
    }
  }
  for (const line of blocks
    .filter(([, , kind]) => kind === undefined)
    .flatMap(([, , , , text = ""]) => text.split("\n"))) {
    const command = line.replace(/ +#.*/, "");
    if (command === "" || ELSEWHERE.includes(command)) continue;
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
    const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-c", command], {
      cwd: copy,
      env,
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
    ran.push(`${command}: ${stdout}`);
  }
  const said = (start: string) => ran.find((text) => text.startsWith(start)) ?? "";
  expect(said("bun cli/main.ts lines README.md")).toMatch(/: \d+\n$/);
  expect(said("bun cli/main.ts lines --help")).toContain("--at-least N       lines wanted [default: 0]");
  expect(said("bun cli/main.ts man lines")).toContain(".Nd count the lines of a file");
  expect(said("bun cli/main.ts completions bash")).toContain("--at-least");
  expect(said("SUITE_LINES_AT_LEAST=1")).toMatch(/^at-least = 1 +# SUITE_LINES_AT_LEAST$/m);
}, 120_000);
