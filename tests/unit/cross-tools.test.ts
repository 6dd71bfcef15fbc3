// The compiler for other targets: its pin, the pip that downloads it, and what a compiler says it compiles for.
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseTarget } from "../../scripts/build/cross.ts";
import { BuildError } from "../../scripts/build/errors.ts";
import { ensureZig, pinnedZig, ZigMissing } from "../../scripts/build/zig.ts";
import { temporaryFolder } from "../support/temp.ts";

const root = temporaryFolder();

/** A python3 whose pip does what the script says. */
function pip(script: string): void {
  mkdirSync(join(root, "bin"), { recursive: true });
  const path = join(root, "bin/python3");
  writeFileSync(path, `#!/bin/sh\ncase "$*" in *--version*) exit 0;; esac\n${script}\n`);
  chmodSync(path, 0o755);
}

describe("the compiler for other targets", () => {
  test("its pin is read, and a change of either part is another compiler", () => {
    const text = (version: string, hash: string) =>
      `# why\nziglang==${version} \\\n    --hash=sha256:${hash.repeat(64)}\n`;
    const pin = pinnedZig(text("1.2.3", "a"));
    expect(pin).toMatchObject({ name: expect.stringMatching(/^1\.2\.3-[0-9a-f]{12}$/), title: "ziglang 1.2.3" });
    expect(
      new Set([pin, pinnedZig(text("1.2.4", "a")), pinnedZig(text("1.2.3", "b"))].map(({ name }) => name)).size,
    ).toBe(3);
    expect(() => pinnedZig("ziglang\n")).toThrow("pins no ziglang");
  });

  test("pip is missing, fails, and brings something else", async () => {
    const before = process.env["PATH"];
    const refused = () => ensureZig(root, () => {}).then(String, (error: unknown) => error as BuildError);
    try {
      process.env["PATH"] = join(root, "bin");
      const none = await refused();
      expect(none).toBeInstanceOf(ZigMissing);
      expect((none as BuildError).hint).toContain("apt-get install -y python3-pip");
      process.env["PATH"] = `${join(root, "bin")}:${before}`;
      pip("echo 'ERROR: no route to host' >&2; exit 1");
      const offline = await refused();
      expect(offline).toBeInstanceOf(ZigMissing);
      expect(String(offline)).toContain("no route to host");
      pip("echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE' >&2; exit 1");
      const other = await refused();
      expect(other).toBeInstanceOf(BuildError);
      expect(other).not.toBeInstanceOf(ZigMissing);
      expect(readdirSync(join(root, ".cache/zig")).filter((name) => !name.startsWith("lock.db"))).toEqual([]);
    } finally {
      process.env["PATH"] = before;
    }
  });

  test("a preprocessor tells its target", () => {
    expect(parseTarget("1 1 __aarch64__ 2\n")).toBe("linux-x64-gnu");
    expect(parseTarget("typedef int x;\n1 __x86_64__ 1 __GLIBC__\n")).toBe("linux-arm64-musl");
    expect(parseTarget("__linux__ 1 __aarch64__ __GLIBC__")).toBe("another system than Linux");
    expect(parseTarget("1 __x86_64__ __aarch64__ 2")).toBe("linux-another processor-gnu");
  });
});
