// -l, -b, -i and -n against GNU cmp, byte for byte. In the C locale alone it says "char" for "byte".
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLI } from "../support/child.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const file = (name: string, content: string | Uint8Array) => writeFileSync(join(dir, name), content);

file("a", "abcdefghij\nklm\n");
file("b", "abXdef\u0001hij\nkLm\n");
file("short", "abXdef");
file("empty", "");
const big = noise(600_000);
const changed = Uint8Array.from(big, (byte, i) => (i % 7919 === 3 ? byte ^ 0xff : byte));
file("big", big);
file("changed", changed);
file("longer", Buffer.concat([changed, Buffer.from("more")]));

function run(command: string[]) {
  const { stdout, stderr, exitCode } = Bun.spawnSync(command, { cwd: dir, env: { ...process.env, LC_ALL: "C.UTF-8" } });
  return { stdout: stdout.toString("latin1"), stderr: stderr.toString().replace(/^cmp: |^suite compare: /gm, ""), exitCode };
}

const options = ["", "-l", "-b", "-lb", "-i 2", "-i 1:2", "-n 4", "-l -n 4", "-l -i 3 -n 6", "-b -i 2", "-i 100", "-l -i 6:6"];
const pairs = ["a b", "b a", "a a", "a short", "short a", "a empty", "big changed", "changed longer", "big longer"];

describe.each(pairs)("%s", (pair) => {
  test.each(options)("%s", (option) => {
    const words = `${option} ${pair}`.trim().split(" ");
    const want = run(["cmp", ...words]);
    const have = run([...CLI, "compare", ...words]);
    // cmp says on stderr which side ended; without -l that is the answer itself, and we print it as one.
    const answer = ({ stdout, stderr, exitCode }: typeof want) => ({ text: stdout + stderr, exitCode });
    expect(answer(have)).toEqual(answer(want));
  });
});
