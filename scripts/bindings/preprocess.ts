/**
 * Runs the C preprocessor, so that the parser sees neither directives nor
 * macros, and keeps of its output what comes from the header itself.
 */

/** The C compiler as argv: `CC` may carry arguments, such as `ccache gcc`. */
export function compiler(): string[] {
  const words = (process.env["CC"] ?? "").split(/\s+/).filter(Boolean);
  return words.length > 0 ? words : ["cc"];
}

/**
 * The preprocessed text of `path`, comments kept. Line n of the result is line
 * n of the header, so positions in the syntax tree are positions in the file.
 */
export function preprocess(path: string): string {
  // The attribute macro is defined away because its expansion is GNU C that
  // says nothing about the ABI.
  const argv = [...compiler(), "-E", "-C", "-D__attribute__(x)=", path];
  const run = Bun.spawnSync(argv);
  if (run.exitCode !== 0)
    throw new Error(`${argv.join(" ")} failed:\n${run.stderr.toString()}`);
  return ownLines(run.stdout.toString(), path);
}

/** Drops the lines of other files by the markers (`# 12 "core.h" 2`) and puts the rest in its place. */
function ownLines(text: string, path: string): string {
  const lines: string[] = [];
  let own = false;
  let number = 1;
  for (const line of text.split("\n")) {
    const marker = /^#(?:line)? (\d+) "((?:[^"\\]|\\.)*)"/.exec(line);
    if (marker) {
      number = Number(marker[1]);
      own = marker[2] === path;
      continue;
    }
    if (own && number > 0) {
      // One header line can come back in pieces when a macro spans lines.
      const index = number - 1;
      lines[index] =
        lines[index] === undefined ? line : `${lines[index]} ${line}`;
    }
    number += 1;
  }
  return Array.from(lines, (line) => line ?? "").join("\n");
}
