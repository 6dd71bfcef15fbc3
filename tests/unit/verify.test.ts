// The parts of verify that decide what counts as passed, failed and skipped.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTestFile } from "../../scripts/verify/bun-tests.ts";
import { readProgram } from "../../scripts/verify/c-units.ts";
import { readJunit } from "../../scripts/verify/junit.ts";
import type { Context, Layer, Outcome } from "../../scripts/verify/layer.ts";
import { run } from "../../scripts/verify/process.ts";
import { removeTree } from "../../scripts/verify/remove-tree.ts";
import { Report } from "../../scripts/verify/report.ts";
import { allowance } from "../../scripts/verify/skips.ts";

let context: Context;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "suite-verify-test-"));
  context = { root, temporary: join(root, "tmp") };
  mkdirSync(context.temporary);
});

afterEach(() => {
  removeTree(context.root);
});

const ended = (stdout: string, ok = true) => ({
  ok,
  how: ok ? "exit code 0" : "killed by SIGSEGV",
  stdout,
  output: stdout,
});

describe("C test programs", () => {
  test("each line is a test", () => {
    const { passed, failures, skips } = readProgram(
      "c/pool_test",
      ended("ok one\nnot ok two: 1 != 2\nskip three: no root\nlog\n", false),
    );
    expect(passed).toBe(1);
    expect(failures.map(({ name }) => name)).toEqual(["c/pool_test: two"]);
    expect(skips).toEqual([{ name: "c/pool_test: three", reason: "no root" }]);
  });

  test("a program that dies, and one without tests, have failed", () => {
    expect(readProgram("t", ended("ok one\n", false)).failures[0]?.name).toBe("t: killed by SIGSEGV");
    expect(readProgram("t", ended("hello\n")).failures[0]?.name).toBe("t: no test ran");
  });
});

describe("bun test files", () => {
  test("passed, failed and skipped tests are counted by name", async () => {
    writeFileSync(
      join(context.root, "a.test.ts"),
      `import { describe, expect, test } from "bun:test";
       describe("group", () => {
         test("good", () => {});
         test("bad <&>", () => { expect(1).toBe(2); });
         test("slow", () => Bun.sleep(5200));
         test.skip("not now", () => {});
         test.todo("later");
       });`,
    );
    const { passed, failures, skips } = await runTestFile("a.test.ts", context);
    // Also the one that takes longer than a test may by itself.
    expect(passed).toBe(2);
    expect(failures.map(({ name }) => name)).toEqual(["a.test.ts: group > bad <&>"]);
    expect(failures[0]?.detail).toContain("Expected: 2");
    expect(skips.map(({ name }) => name)).toEqual(["a.test.ts: group > not now", "a.test.ts: group > later"]);
  }, 60_000);

  test("a file that is run again, elsewhere, is judged anew", async () => {
    writeFileSync(
      join(context.root, "again.test.ts"),
      `import { test } from "bun:test";
       test("x", () => { if (process.env.HOW === "dies") process.kill(process.pid, "SIGKILL"); });`,
    );
    expect(await runTestFile("again.test.ts", context, { HOW: "well" })).toMatchObject({ passed: 1, failures: [] });
    const { passed, failures } = await runTestFile("again.test.ts", context, { HOW: "dies" });
    expect({ passed, names: failures.map(({ name }) => name) }).toEqual({ passed: 0, names: ["again.test.ts: killed by SIGKILL"] });
  });

  test("a process that dies, a file that does not load and one without tests have failed", async () => {
    writeFileSync(
      join(context.root, "dies.test.ts"),
      `import { test } from "bun:test"; test("x", () => { process.kill(process.pid, "SIGKILL"); });`,
    );
    writeFileSync(join(context.root, "throws.test.ts"), `throw new Error("while loading");`);
    writeFileSync(join(context.root, "empty.test.ts"), "export {};");
    expect((await runTestFile("dies.test.ts", context)).failures[0]?.name).toBe("dies.test.ts: killed by SIGKILL");
    expect((await runTestFile("throws.test.ts", context)).failures[0]?.detail).toContain("while loading");
    expect((await runTestFile("empty.test.ts", context)).failures).toHaveLength(1);
  });

  test("numeric and named entities are read", () => {
    const { failures } = readJunit(
      '<testcase name="a &#34;b&#x22; &amp;lt;" classname="" time="0"><failure type="E" message="x&#10;y"></failure></testcase>',
    );
    expect(failures).toEqual([{ name: 'a "b" &lt;', detail: "x\ny" }]);
  });
});

describe("children", () => {
  test("one that does not end is killed at its limit, with what it started", async () => {
    const argv = ["sh", "-c", "echo begun; sleep 60 & sleep 60"];
    const start = performance.now();
    const result = await run({ argv, seconds: 0.3 }, context);
    expect(result).toMatchObject({ ok: false, how: "no end after 0.3 s", stdout: "begun\n" });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("a process left behind does not hold up the end", async () => {
    const start = performance.now();
    expect((await run({ argv: ["sh", "-c", "sleep 60 & exit 0"], seconds: 30 }, context)).ok).toBe(true);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("TMPDIR is the folder of the run; a program that is not there is a failure", async () => {
    expect((await run({ argv: ["sh", "-c", 'echo "$TMPDIR"'], seconds: 30 }, context)).stdout).toBe(
      `${context.temporary}\n`,
    );
    expect((await run({ argv: ["no-such-program"], seconds: 30 }, context)).how).toContain("could not start");
  });

  test("folders without rights and names that are not UTF-8 are removed", () => {
    const made = Bun.spawnSync(
      ["sh", "-c", `mkdir -p t/closed && touch "t/closed/$(printf 'x\\377')" && chmod 0 t/closed`],
      { cwd: context.root },
    );
    expect(made.exitCode).toBe(0);
    removeTree(join(context.root, "t"));
    expect(existsSync(join(context.root, "t"))).toBe(false);
    chmodSync(context.root, 0o755);
  });
});

describe("the report", () => {
  const layer: Layer = { name: "unit", about: "units", run: () => Promise.reject(new Error("not used")) };

  function report(outcome: Outcome) {
    let text = "";
    const written = new Report((more) => (text += more));
    written.begin(layer);
    written.end(layer, outcome, 1234);
    const code = written.finish();
    return { code, text, last: text.trimEnd().split("\n").at(-1) };
  }

  test("ends with the count", () => {
    expect(report({ passed: 3, failures: [], skips: [] })).toMatchObject({ code: 0, last: "3 passed, 0 failed" });
    const failed = report({ passed: 3, failures: [{ name: "a > b", detail: "line 1\nline 2" }], skips: [] });
    expect(failed).toMatchObject({ code: 1, last: "3 passed, 1 failed" });
    expect(failed.text).toContain("FAILED a > b\n    line 1\n    line 2\n");
  });

  test("a skip that is not on the list fails the run, and is listed with its reason", () => {
    const skipped = report({ passed: 3, failures: [], skips: [{ name: "a.test.ts: x", reason: "no root" }] });
    expect(skipped).toMatchObject({ code: 1, last: "3 passed, 0 failed, 1 skipped" });
    expect(skipped.text).toContain("a.test.ts: x: no root (not on the list in scripts/verify/skips.ts)");
  });

  test("the list matches by name", () => {
    const skip = { name: "tests/diff/a.test.ts: rsync", reason: "" };
    expect(allowance(skip, [{ name: /^tests\/diff\/.*rsync$/, reason: "not packaged" }])).toBe("not packaged");
    expect(allowance(skip, [{ name: /^tests\/unit\//, reason: "no" }])).toBeUndefined();
  });
});
