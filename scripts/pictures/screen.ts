// A terminal that nobody sees: runs a command in it, and tells what stands on its screen.
import { Terminal, type IBufferCell } from "@xterm/headless";

/** How a piece of text looks. Colours are numbers of the palette; undefined is that of plain text. */
export interface Look {
  readonly colour: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underlined: boolean;
  readonly inverse: boolean;
}

/** Text of one look, beginning at a column. */
export interface Piece extends Look {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
}

/** What stands on a screen: lines of pieces. */
export interface Screen {
  readonly columns: number;
  readonly lines: readonly (readonly Piece[])[];
}

/** A command and the terminal it is given. */
export interface Scene {
  readonly command: readonly string[];
  readonly columns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The screen is taken, and the command ended, when this was written. */
  readonly until?: RegExp;
}

const ROWS = 400;
/** Nothing here takes so long; this ends what hangs. */
const LIMIT_MS = 60_000;

/** What came of a command. */
export interface Performance {
  readonly screen: Screen;
  /** All bytes that the terminal was sent, one character each. */
  readonly received: string;
  /** The exit code; null where the command was ended. */
  readonly exit: number | null;
}

/** Runs the command. */
export async function perform(scene: Scene): Promise<Performance> {
  const terminal = new Terminal({ cols: scene.columns, rows: ROWS, allowProposedApi: true });
  const taken = Promise.withResolvers<Screen>();
  const enough = Promise.withResolvers<"seen" | "ended">();
  let received = "";
  const take = () => terminal.write("", () => taken.resolve(screenOf(terminal, scene.columns)));
  await using line = new Bun.Terminal({
    cols: scene.columns,
    rows: ROWS,
    data(_, data) {
      received += Buffer.from(data).toString("latin1");
      terminal.write(data);
      if (scene.until?.test(received)) {
        take();
        enough.resolve("seen");
      }
      if (received.endsWith(END)) enough.resolve("ended");
    },
  });
  // Nothing says that all has arrived, so a last sequence does that changes nothing.
  const shell = `"$@"; code=$?; printf '\\033[0m\\033[0m\\033[0m'; exit $code`;
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const child = Bun.spawn(["sh", "-c", shell, "sh", ...scene.command], {
    cwd: scene.cwd,
    env: { ...env, TERM: "xterm-256color", ...scene.env },
    terminal: line,
    // A group of its own, so that it can be ended with all that it started.
    detached: true,
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  // What hangs is ended by its time limit, and says nothing at its end.
  const how = await Promise.race([enough.promise, child.exited.then(() => Bun.sleep(1000))]);
  if (how === "seen") process.kill(-child.pid);
  else take();
  await child.exited;
  return { screen: await taken.promise, received: received.replace(END, ""), exit: child.exitCode };
}

const END = "\x1b[0m\x1b[0m\x1b[0m";

const lookOf = (cell: IBufferCell): Look => ({
  colour: cell.isFgPalette() ? cell.getFgColor() : undefined,
  bold: cell.isBold() !== 0,
  dim: cell.isDim() !== 0,
  underlined: cell.isUnderline() !== 0,
  inverse: cell.isInverse() !== 0,
});

const same = (a: Look, b: Look) =>
  a.colour === b.colour && a.bold === b.bold && a.dim === b.dim && a.underlined === b.underlined && a.inverse === b.inverse;

/** Blanks at the end of a piece are nothing, unless their ground or line is seen. */
function withoutBlanks(piece: Piece): Piece {
  const text = piece.inverse || piece.underlined ? piece.text : piece.text.trimEnd();
  return text === piece.text ? piece : { ...piece, text, columns: text.length };
}

function screenOf(terminal: Terminal, columns: number): Screen {
  const buffer = terminal.buffer.active;
  const lines: Piece[][] = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    const pieces: Piece[] = [];
    for (let x = 0; line && x < columns; x++) {
      const cell = line.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const [look, text, width] = [lookOf(cell), cell.getChars() || " ", cell.getWidth()];
      const last = pieces.at(-1);
      // A font draws what is two columns wide as it likes: such a character is a piece of its own.
      if (last && same(last, look) && width === 1 && last.columns === [...last.text].length && text.length === 1) {
        pieces[pieces.length - 1] = { ...last, text: last.text + text, columns: last.columns + 1 };
      } else {
        pieces.push({ ...look, column: x, columns: width, text });
      }
    }
    lines.push(pieces.map(withoutBlanks).filter(({ text }) => text !== ""));
  }
  while (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop();
  return { columns, lines };
}

/** The screen as text, for a look at it in a test. */
export function screenText({ lines }: Screen): string {
  const text = lines.map((pieces) => {
    let line = "";
    let at = 0;
    for (const piece of pieces) {
      line += " ".repeat(piece.column - at) + piece.text;
      at = piece.column + piece.columns;
    }
    return line.trimEnd();
  });
  return `${text.join("\n")}\n`;
}
