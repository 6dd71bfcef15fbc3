// The skips that are accepted, with the reason. Any other skip fails the run: a test that quietly stopped running is
// how a guarantee is lost.
import type { Skip } from "./layer.ts";

/** One accepted kind of skip. */
interface AllowedSkip {
  /** Matched against the full name as the report prints it. */
  readonly name: RegExp;
  readonly reason: string;
}

const allowedSkips: readonly AllowedSkip[] = [
  { name: /a CPU without any extension/, reason: "qemu-x86_64 is not here (Debian: qemu-user)" },
  { name: /^fuzz: new inputs for/, reason: "no compiler here has libFuzzer (clang with its runtimes): old inputs alone were run" },
  {
    name: /on arm64|for another target/,
    reason: "what builds for other targets or emulates arm64 is not here (Debian: python3-pip, qemu-user, libc6-arm64-cross), or c-arm64 was not run",
  },
  { name: /C-73 shared blocks|mounted noexec/, reason: "this machine does not let the tests mount a file system" },
  { name: /reads the script|fish offers the words/, reason: "bash, zsh or fish is not here: their completions are not tried" },
  { name: /docs\.test\.ts: .*\((?:bash|fish)\)$/, reason: "bash or fish is not here: a block of the documents for it is not run" },
  { name: /is good mdoc|mandoc has nothing to warn of/, reason: "mandoc is not here (Debian: mandoc)" },
  { name: /what (?:GNU tar|GNU cpio|Info-ZIP) writes/, reason: "GNU tar, cpio or zip is not here (Debian: tar, cpio, zip)" },
  { name: /sums\.test\.ts: (?:b3sum|hashdeep)/, reason: "b3sum or hashdeep is not here, or b3sum cannot write tags (Debian: b3sum, hashdeep)" },
  { name: /diff\/archives\.test\.ts: (?:GNU tar|Info-ZIP|GNU ar|Python) > /, reason: "tar, zip, unzip, ar or python3 is not here: what it packs is not tried" },
  { name: /find-git\.test\.ts: FP-09/, reason: "git is not here: nobody says which names it would ignore" },
  { name: /nginx > /, reason: "nginx is not here (Debian: nginx-light)" },
  { name: /extended attributes: names and values/, reason: "the temporary folder's file system has no attributes" },
];

/** The reason a skip is accepted for, or `undefined` when it is not. */
export function allowance(skip: Skip, allowed: readonly AllowedSkip[] = allowedSkips): string | undefined {
  return allowed.find(({ name }) => name.test(skip.name))?.reason;
}
