// A user to whom the system refuses what it refuses to everybody but root.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMIT_MS, SUITE } from "./suite.ts";

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
// For a checkout that only root may enter: root, but without the right to pass over permissions.
const BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

function works(words: readonly string[], cwd: string): boolean {
  const run = (command: readonly string[]) =>
    Bun.spawnSync([...words, ...command], {
      cwd,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      timeout: LIMIT_MS,
    });
  return (
    run([...SUITE, "--version"]).exitCode === 0 && run(["cat", "open"]).exitCode === 0 && !run(["cat", "shut"]).success
  );
}

/**
 * Words to put before a command so that file permissions hold for it: none for an ordinary user. Operands are to be
 * relative, as the folders above the working directory may be closed to it.
 */
export function withoutPrivileges(): readonly string[] {
  const probe = mkdtempSync(join(tmpdir(), "suite-rights-"));
  try {
    chmodSync(probe, 0o755);
    writeFileSync(join(probe, "open"), "", { mode: 0o644 });
    writeFileSync(join(probe, "shut"), "", { mode: 0 });
    const found = [[], NOBODY, BOUND].find((words) => works(words, probe));
    if (!found) throw new Error("no user was found who may run suite and to whom the system refuses a file of mode 0");
    return found;
  } finally {
    rmSync(probe, { recursive: true });
  }
}
