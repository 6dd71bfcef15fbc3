// Runs `suite` as a person does: a process of its own, arguments and output as bytes.
import { CLI, ROOT } from "../../support/child.ts";
import { checkRecords } from "./schema.ts";

/** How a command ended. */
export interface Ended {
  /** Its exit code; null when a signal or the time limit ended it. */
  code: number | null;
  signal: string | number | null;
  stdout: Buffer;
  /** `stdout` as text. */
  text: string;
  stderr: string;
  /** The most memory it held at once, in bytes. */
  maxRss: number;
}

/** Around a command. */
export interface Surroundings {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: Uint8Array;
  /** A line of shell in which `"$@"` is the command: `"$@" | head -1`. */
  shell?: string;
  /** Runs the line of shell: `sh` or `bash`. */
  shellProgram?: string;
  /** Words before the command: `setpriv …`. */
  before?: readonly string[];
}

/** Text, or bytes where they are not UTF-8. */
export type Argument = string | Uint8Array;

/** Nothing here is timed; this only ends what hangs. */
export const LIMIT_MS = 60_000;

/** The words that run `suite`. */
export const SUITE: readonly string[] = CLI;

/** Bun encodes arguments as UTF-8; `printf` in a shell makes any bytes. */
function asShellWords(args: readonly Argument[]): string {
  const octal = (bytes: Uint8Array) => Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  // A command substitution drops line ends, so a dot follows them.
  const word = (arg: Argument) => `x=$(printf '${octal(Buffer.from(arg))}.'); set -- "$@" "\${x%.}"; `;
  return args.map(word).join("");
}

/** The words that run a command in such surroundings. */
export function commandLine(args: readonly Argument[], around: Surroundings = {}): string[] {
  const command = [...(around.before ?? []), ...SUITE];
  const plain = args.filter((arg) => typeof arg === "string");
  if (plain.length === args.length && around.shell === undefined) return [...command, ...plain];
  const line = `${asShellWords(args)}${around.shell ?? 'exec "$@"'}`;
  return [around.shellProgram ?? "sh", "-c", line, "sh", ...command];
}

/** Children whose standard output is theirs alone, and is to be records. */
const inJson = new WeakSet<object>();

/** Starts `suite`; for tests that do something while it runs. */
export function start(args: readonly Argument[], around: Surroundings = {}) {
  const child = Bun.spawn(commandLine(args, around), {
    cwd: around.cwd ?? ROOT,
    env: { ...process.env, LC_ALL: "C", ...around.env },
    stdin: around.stdin ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const flags = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const asksForHelp = ["--help", "-h", "--version"].some((flag) => flags.includes(flag));
  if (flags.includes("--json") && around.shell === undefined && !asksForHelp) inJson.add(child);
  return child;
}

/** Runs `suite` to its end. Every line of JSON that it prints has to fit the schema. */
export async function suite(args: readonly Argument[], around: Surroundings = {}): Promise<Ended> {
  return ended(start(args, around));
}

/** Waits for what was started. */
export async function ended(child: ReturnType<typeof start>): Promise<Ended> {
  const [stdout, stderr] = await Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited]);
  checkRecords(Buffer.from(stdout).toString(), inJson.has(child));
  checkRecords(stderr);
  return {
    code: child.exitCode,
    signal: child.signalCode,
    stdout: Buffer.from(stdout),
    text: Buffer.from(stdout).toString(),
    stderr,
    maxRss: child.resourceUsage()?.maxRSS ?? 0,
  };
}

/** `suite compare …`. */
export const compare = (args: readonly Argument[], around?: Surroundings): Promise<Ended> =>
  suite(["compare", ...args], around);

const END = /\[end (\d+)\]\r\n$/;

/** Runs `suite` on a terminal: what the terminal received, and the exit code. */
export async function onTerminal(args: readonly Argument[], around: Surroundings = {}) {
  let seen = "";
  const ended = Promise.withResolvers<void>();
  await using terminal = new Bun.Terminal({
    cols: 200,
    rows: 50,
    data: (_, data) => {
      seen += Buffer.from(data).toString("latin1");
      if (END.test(seen)) ended.resolve();
    },
  });
  // Nothing says that all has arrived, so a last line does.
  const shell = `${around.shell ?? '"$@"'}; echo "[end $?]"`;
  const child = Bun.spawn(commandLine(args, { ...around, shell }), {
    cwd: around.cwd ?? ROOT,
    // Names alone, unless a test is about colour or progress.
    env: { ...process.env, NO_COLOR: "1", SUITE_PROGRESS: "never", ...around.env },
    terminal,
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  await child.exited;
  await ended.promise;
  // The terminal makes a line end two bytes.
  const bytes = Buffer.from(seen.replace(END, "").replaceAll("\r\n", "\n"), "latin1");
  checkRecords(bytes.toString());
  return { code: Number(END.exec(seen)?.[1]), bytes, text: bytes.toString() };
}
