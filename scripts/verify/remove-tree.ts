// Removes what tests leave in their temporary folder, whatever they did to it.
import { rmSync } from "node:fs";

/** Removes a tree; folders that tests made unreadable are opened first. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    Bun.spawnSync(["chmod", "-R", "u+rwx", path], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    rmSync(path, { recursive: true, force: true });
  }
}
