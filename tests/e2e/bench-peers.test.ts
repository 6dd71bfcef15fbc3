// What the benchmarks measure with: the comparers of our own answer as they should, and the archives hold what they say.
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { makeArchives } from "../../bench/lib/archive.ts";
import { FileServer } from "../../bench/lib/file-server.ts";
import { buildPlain, PLAIN } from "../../bench/peers/build.ts";
import { compareArchive } from "../../src/index.ts";
import { ROOT } from "../support/child.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
/** The first build in a checkout compiles the standard library of Go. */
const BUILD_MS = 600_000;
const PIECE = 256 << 10;

describe.each([...PLAIN])("the plain comparer in %s", (name) => {
  const compiler = Bun.which(name === "go" ? "go" : "rustc");

  test.skipIf(compiler === null)(
    "says equal and different of files and of trees, and neither of what it cannot read",
    () => {
      const { path = "", absent } = buildPlain(name, join(ROOT, ".cache/bench/peers"));
      expect(absent).toBeUndefined();
      const cwd = makeTree(join(dir, name), {
        a: Buffer.alloc(2 * PIECE, 1),
        same: Buffer.alloc(2 * PIECE, 1),
        longer: Buffer.alloc(2 * PIECE + 1, 1),
        last: Buffer.concat([Buffer.alloc(2 * PIECE - 1, 1), Buffer.from([2])]),
        "tree/d/f": "text",
        "tree/link": { link: "d" },
        "tree/none": null,
        "twin/d/f": "text",
        "twin/link": { link: "d" },
        "twin/none": null,
        "other/d/f": "next",
        "other/link": { link: "d" },
        "other/none": null,
        "fewer/d/f": "text",
        "fewer/link": { link: "d" },
        "linked/d/f": "text",
        "linked/link": { link: "none" },
        "linked/none": null,
        "kinds/d/f": "text",
        "kinds/link": "d",
        "kinds/none": null,
      });
      const exit = (...words: string[]) => Bun.spawnSync([path, ...words], { cwd, stderr: "ignore" }).exitCode;
      const answers = {
        equal: [exit("a", "a"), exit("a", "same"), exit("tree", "twin")],
        different: ["last", "longer", "tree"].map((b) => exit("a", b)),
        trees: ["other", "fewer", "linked", "kinds"].flatMap((b) => [exit("tree", b), exit(b, "tree")]),
        neither: [exit("a", "lost"), exit("a"), exit()],
      };
      expect(answers).toEqual({
        equal: [0, 0, 0],
        different: [1, 1, 1],
        trees: [1, 1, 1, 1, 1, 1, 1, 1],
        neither: [2, 2, 2],
      });
    },
    BUILD_MS,
  );

  test("without a compiler it is absent, and says so", () => {
    const script = `import { buildPlains } from ${JSON.stringify(join(import.meta.dir, "../../bench/peers/build.ts"))};
      console.log(JSON.stringify(buildPlains(${JSON.stringify(join(dir, "nothing"))})));`;
    const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script], { env: { PATH: join(dir, "nothing") } });
    expect(JSON.parse(stdout.toString())).toMatchObject({ [name]: { absent: expect.stringContaining("in PATH") } });
    expect(stderr.toString()).toContain(`no plain comparer in ${name}`);
  });
});

describe("archives to measure with", () => {
  const shape = { files: 40, bytes: [0, 3000], perDirectory: 7 } as const;
  const formats = ["tar", "tar.gz", "zip", "directory"] as const;

  test("hold the same files in each format and order", async () => {
    for (const format of formats) {
      const { left, right } = await makeArchives(dir, `shape-${format}`, shape, [
        { format: "tar" },
        { format, reversed: true },
      ]);
      const result = await compareArchive(left, right);
      expect({ format, verdict: result.verdict }).toEqual({ format, verdict: "equal" });
    }
  });

  test("differ in the one file that is changed", async () => {
    for (const format of formats) {
      const { left, right } = await makeArchives(dir, `changed-${format}`, shape, [
        { format: "tar.gz" },
        { format, changed: 33, level: 9, seconds: 1 },
      ]);
      const result = await compareArchive(left, right);
      expect({ format, diff: Object.keys(result.diff) }).toEqual({ format, diff: ["d0004/f0005.txt"] });
    }
  });

  test("are made once", async () => {
    const make = () => makeArchives(dir, "once", shape, [{ format: "tar" }, { format: "tar" }]);
    const { left } = await make();
    writeFileSync(left, "kept");
    await make();
    expect(readFileSync(left, "utf8")).toBe("kept");
  });
});

test("the server has what is below its folder, and nothing above it", async () => {
  const root = join(dir, "served");
  mkdirSync(join(root, "d"), { recursive: true });
  writeFileSync(join(root, "d", "a b"), "text");
  writeFileSync(join(dir, "secret"), "secret");
  symlinkSync("d", join(root, "link"));
  await using server = new FileServer(root);
  const origin = await server.origin();
  expect(await (await fetch(`${origin}/d/a%20b`)).text()).toBe("text");
  for (const path of ["../secret", "%2e%2e/secret", "..%2fsecret", relative("/", join(dir, "secret"))]) {
    expect({ path, status: (await fetch(`${origin}/${path}`)).status }).toEqual({ path, status: 404 });
  }
});
