// How long a run keeps its process alive, and what an error of a run that nobody looks at does to it.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";
import { runCli, runCommand, runScript, ROOT } from "../support/child.ts";

const dir = temporaryFolder();
const crowd = JSON.stringify(join(dir, "crowd"));
const empty = JSON.stringify(join(dir, "empty"));
const none = JSON.stringify(join(dir, "none"));

beforeAll(() => {
  makeCrowd(join(dir, "crowd"), 2000);
  makeTree(join(dir, "empty"), {});
});

/** What a script prints that then ends by itself, in time and with exit code 0. */
async function outputOf(body: string): Promise<string> {
  const ended = await runScript(`import { compare, compareDir, compareSync } from "suite";\n${body}`, { seconds: 20 });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return ended.stdout;
}

describe("a script ends by itself", () => {
  test("after its last run", async () => {
    const out = await outputOf(`
      console.log((await compare(${crowd}, ${crowd})).verdict);
      for await (const e of compare(${crowd}, ${empty})) if (e.path.startsWith("001999")) console.log(e.status);
      console.log((await compareDir(${empty}, ${empty})).equal);
    `);
    expect(out).toBe("equal\nonly_left\ntrue\n");
  });

  test("but not before a run that somebody will be told of", async () => {
    // Nothing but the run itself keeps this process.
    expect(await outputOf(`compare(${crowd}, ${empty}).then((r) => console.log(r.counts.onlyLeft));`)).toBe("2000\n");
  });

  test("with a run that was parked unread", async () => {
    const out = await outputOf(`
      const parked = compare(${crowd}, ${empty});
      process.on("exit", () => console.log(parked.progress.entries > 100, parked.progress.entries < 2000));
    `);
    expect(out).toBe("true true\n");
  });

  test("with a run that was iterated in part and then left alone", async () => {
    const out = await outputOf(`
      const it = compare(${crowd}, ${empty})[Symbol.asyncIterator]();
      console.log((await it.next()).value.status);
      await it.return();
    `);
    expect(out).toBe("only_left\n");
  });

  test("with an iteration that was begun and never gone on with", async () => {
    const out = await outputOf(`
      console.log((await compare(${crowd}, ${empty})[Symbol.asyncIterator]().next()).value.status);
    `);
    expect(out).toBe("only_left\n");
  });

  test("but not while an iteration that pauses still waits for records", async () => {
    const out = await outputOf(`
      let count = 0;
      for await (const _ of compare(${crowd}, ${empty})) if (++count % 100 === 0) await Bun.sleep(3);
      console.log(count);
    `);
    expect(out).toBe("2000\n");
  });

  test("but not before it has heard of the end of what was cancelled while it stood still", async () => {
    const out = await outputOf(`
      const run = compare(${crowd}, ${empty});
      await run[Symbol.asyncIterator]().next();
      await Bun.sleep(30);
      run.cancel();
      console.log(await run.catch((e) => e.code));
    `);
    expect(out).toBe("E_CANCELLED\n");
  });

  test("after a synchronous call", async () => {
    expect(await outputOf(`console.log(compareSync(${crowd}, ${crowd}).verdict);`)).toBe("equal\n");
  });

  test("when the difference is found before an endless stream is at its end", async () => {
    const out = await outputOf(`
      const endless = new ReadableStream({ start: (c) => { setInterval(() => {}, 1000).unref(); c.enqueue(new Uint8Array(9)); } });
      console.log((await compare(endless, new Uint8Array(9).fill(1))).verdict);
    `);
    expect(out).toBe("different\n");
  });

  test("when standard input stays open behind the difference", async () => {
    await Bun.write(join(dir, "yy"), "yy");
    const argv = [process.execPath, join(ROOT, "cli/main.ts"), "compare", "--brief", "-", join(dir, "yy")];
    const child = Bun.spawn(argv, { stdin: "pipe", stdout: "pipe", stderr: "inherit", timeout: 20_000 });
    child.stdin.write("x");
    child.stdin.flush();
    expect(await child.exited).toBe(1);
    expect(await child.stdout.text()).toBe(`- ${join(dir, "yy")} differ\n`);
    child.stdin.end();
  });
});

describe("a failed run", () => {
  test("that nobody looks at raises nothing", async () => {
    const out = await outputOf(`
      process.on("unhandledRejection", () => console.log("unhandled"));
      process.on("uncaughtException", () => console.log("uncaught"));
      compare(${none}, ${empty});
      compareDir(${none}, ${empty});
      compare(new ReadableStream({ start: (c) => c.error(new Error("broken")) }), new Uint8Array(4));
      await Bun.sleep(50);
      console.log("end");
    `);
    expect(out).toBe("end\n");
  });

  test("ends a script that awaits it", async () => {
    const ended = await runScript(`import { compare } from "suite"; await compare(${none}, ${empty});`);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("SourceNotFoundError");
  });

  test("ends a script that iterates it", async () => {
    const ended = await runScript(
      `import { compare } from "suite"; for await (const _ of compare(${none}, ${empty}));`,
    );
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("E_NOT_FOUND");
  });

  test("whose then() has no handler for errors is as any promise", async () => {
    const ended = await runScript(`import { compare } from "suite"; compare(${none}, ${empty}).then(() => {});`);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("SourceNotFoundError");
  });
});

describe("nothing native happens", () => {
  test("before the first call: the library is not even looked for", async () => {
    const env = { SUITE_LIBCORE: join(dir, "none.so") };
    const importing = await runScript(
      `import { compare, SuiteError } from "suite"; console.log(typeof compare, typeof SuiteError);`,
      { env },
    );
    expect(importing).toMatchObject({ code: 0, stdout: "function function\n", stderr: "" });
    expect(await runCli(["--version"], { env })).toMatchObject({ code: 0, stderr: "" });
    expect(await runCli(["compare", "--help"], { env })).toMatchObject({ code: 0, stderr: "" });
    expect((await runCli(["compare", "--jobs", "x", "a", "b"], { env })).code).toBe(2);
  });

  test("at exit: process.exit() in the middle of runs ends at once", async () => {
    const ended = await runScript(`
      import { compare } from "suite";
      const runs = Array.from({ length: 20 }, () => compare(${crowd}, ${crowd}, { allEntries: true }));
      await runs[0][Symbol.asyncIterator]().next();
      process.exit(7);
    `);
    expect(ended).toMatchObject({ code: 7, stderr: "" });
  });

  test("in a process whose descriptors are closed behind it", async () => {
    const command = [
      process.execPath,
      join(ROOT, "cli/main.ts"),
      "compare",
      "-q",
      join(dir, "crowd"),
      join(dir, "crowd"),
    ];
    expect((await runCommand(["sh", "-c", `"$@" <&- 2>&-`, "sh", ...command])).code).toBe(0);
  });
});
