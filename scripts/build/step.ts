// One command that makes one file, and whether that file is still good. Compiling and linking are both steps.
//
// Beside each output lies a stamp: the hash of the command, and the size and time of every input and of the output.
// An output is fresh when all of them are the same now; they are compared for being equal, not for being older, so a
// checkout that brings back an older file is noticed too.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseDepfile } from "./depfile.ts";
import { BuildError, storageError } from "./errors.ts";

/** A command that makes one file. All paths are relative to the root. */
export interface Step {
  readonly kind: "compile" | "link";
  readonly output: string;
  /** The command without `-o OUTPUT`, which is added when it runs. */
  readonly command: readonly string[];
  /** The files the command names. */
  readonly inputs: readonly string[];
  /** What to call it while it runs. */
  readonly name: string;
  /** Stands for the compiler itself in the hash of the command. */
  readonly fingerprint: string;
}

interface Stamp {
  readonly command: string;
  readonly output: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** The state of a file as far as a build cares, or `undefined` when there is none. */
export type FileStates = Map<string, string | undefined>;

/** Looks a file up once per build; later looks give the first answer. */
export function stateOf(root: string, path: string, states: FileStates): string | undefined {
  if (states.has(path)) return states.get(path);
  const state = readState(join(root, path));
  states.set(path, state);
  return state;
}

function readState(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.mtimeNs}:${stat.size}`;
}

/** Whether the output was made by this very command from the inputs as they are now. */
export function isFresh(root: string, step: Step, states: FileStates): boolean {
  const stamp = readStamp(join(root, stampPath(step)));
  if (stamp === undefined || stamp.command !== commandHash(step)) return false;
  if (readState(join(root, step.output)) !== stamp.output) return false;
  return Object.entries(stamp.inputs).every(([path, state]) => stateOf(root, path, states) === state);
}

/**
 * Runs a step. The command writes beside the output and the result is renamed into place, so the output is either the
 * old file or the whole new one, also after a crash. Throws a {@link BuildError} that carries what the command printed.
 */
export async function runStep(root: string, step: Step, states: FileStates): Promise<void> {
  const output = join(root, step.output);
  const partial = `${step.output}.${process.pid}.tmp`;
  const depfile = `${step.output}.${process.pid}.d`;
  try {
    try {
      // Made here first: a place that cannot be written is then told by us, and not by whatever tool fails on it.
      mkdirSync(dirname(output), { recursive: true });
      writeFileSync(join(root, partial), "");
    } catch (error) {
      throw storageError(error, "write", output);
    }
    const dependencies = step.kind === "compile" ? ["-MMD", "-MF", depfile] : [];
    const command = [...step.command, ...dependencies, "-o", partial];
    await runTool(root, command, { action: `${step.kind} ${step.name}`, output: step.output });
    const found = step.kind === "compile" ? parseDepfile(readFileSync(join(root, depfile), "utf8")) : [];
    try {
      renameSync(join(root, partial), output);
      writeStamp(root, step, [...new Set([...step.inputs, ...found])], states);
    } catch (error) {
      throw storageError(error, "write", output);
    }
  } finally {
    for (const leftover of [partial, depfile]) removeQuietly(join(root, leftover));
  }
}

/** A leftover that cannot be removed must not hide why the step failed. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Only a read-only or failing disk gets here; the step's own error tells of it.
  }
}

/** Runs a compiler or another tool in the root. Throws a {@link BuildError} that carries what it printed. */
export async function runTool(
  root: string,
  command: readonly string[],
  { action, output }: { readonly action: string; readonly output: string },
): Promise<void> {
  const child = Bun.spawn([...command], {
    cwd: root,
    env: { ...process.env, LC_ALL: "C" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (child.exitCode === 0) return;
  const how = child.signalCode === null ? `exit code ${child.exitCode}` : `killed by ${child.signalCode}`;
  const text = `${stdout}${stderr}`.trimEnd();
  const fullDisk = /No space left on device/.test(text);
  throw new BuildError(`could not ${action} (${how})${text === "" ? "" : `\n${text}`}`, {
    hint: fullDisk
      ? `The disk is full where ${join(root, output)} belongs, or the temporary folder is. Free some space and run again.`
      : `The command was, in ${root}:\n  ${command.join(" ")}`,
  });
}

function writeStamp(root: string, step: Step, inputs: string[], states: FileStates): void {
  const stamp: Stamp = {
    command: commandHash(step),
    output: readState(join(root, step.output)) ?? "",
    // As the build first saw them: an input edited while the command ran differs from this the next time.
    inputs: Object.fromEntries(inputs.map((path) => [path, stateOf(root, path, states) ?? ""])),
  };
  const path = join(root, stampPath(step));
  const partial = `${path}.${process.pid}.tmp`;
  writeFileSync(partial, JSON.stringify(stamp));
  renameSync(partial, path);
  states.set(step.output, stamp.output);
}

function readStamp(path: string): Stamp | undefined {
  try {
    const stamp = JSON.parse(readFileSync(path, "utf8")) as Partial<Stamp> | null;
    // One that another version of the build wrote may hold anything.
    return typeof stamp?.inputs === "object" && stamp.inputs !== null ? (stamp as Stamp) : undefined;
  } catch {
    // No stamp, or one cut short by a crash: the step simply runs again.
    return undefined;
  }
}

function stampPath(step: Step): string {
  return `${step.output}.stamp`;
}

function commandHash(step: Step): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify([step.fingerprint, step.command])).digest("hex");
}
