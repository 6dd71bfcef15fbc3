// C-73: files that share their blocks, on a real file system that can.
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const dir = mkdtempSync(join(tmpdir(), "suite-extents-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a script where the image is mounted, in a mount namespace that ends with it. */
function mounted(image: string, at: string, script: string) {
  const command = `mount -o loop "$1" "$2" && cd "$2" && ${script}`;
  return Bun.spawnSync(["unshare", "-m", "sh", "-c", command, "sh", image, at], { cwd: ROOT });
}

function makeImage(): string | undefined {
  const image = join(dir, "image");
  // The smallest that mkfs.xfs makes.
  const made = Bun.spawnSync(["sh", "-c", 'truncate -s 320M "$1" && mkfs.xfs -q -m reflink=1 "$1"', "sh", image]);
  mkdirSync(join(dir, "mnt"));
  return made.success && mounted(image, join(dir, "mnt"), "true").success ? image : undefined;
}

const image = makeImage();

test.skipIf(!image)("C-73 shared blocks are a proof, and only while they are shared", () => {
  const script = join(dir, "compare.ts");
  writeFileSync(
    script,
    `import { compareSync } from ${JSON.stringify(join(ROOT, "src/index.ts"))};
     for (const [b, options] of [["clone", {}], ["clone", { prove: "bytes" }], ["changed", {}], ["copy", {}]]) {
       const { verdict, proof, bytesRead } = compareSync("base", b, options);
       console.log(b, verdict, proof, bytesRead === 0);
     }\n`,
  );
  const result = mounted(
    image as string,
    join(dir, "mnt"),
    `head -c 3000000 /dev/urandom > base && cp --reflink=always base clone && cp --reflink=never base copy &&
     cp --reflink=always base changed && printf X | dd of=changed bs=1 seek=2000000 conv=notrunc status=none &&
     exec "${process.execPath}" "${script}"`,
  );
  expect({ stdout: result.stdout.toString(), stderr: result.stderr.toString() }).toEqual({
    stdout: "clone equal same_extents true\nclone equal bytes false\nchanged different undefined false\ncopy equal bytes false\n",
    stderr: "",
  });
});
