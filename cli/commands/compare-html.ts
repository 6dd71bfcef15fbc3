/**
 * `suite compare --html`
 * @module
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { suiteError } from "../../src/errors.ts";
import { HtmlReport } from "../../src/report/compare-html.ts";
import type { Bytes } from "../kit/flag.ts";
import { renderPath } from "../kit/text.ts";

const render = (path: string, bytes: () => Uint8Array) => renderPath(path, bytes, true) as string;

const shown = (operand: Bytes) =>
  typeof operand === "string" ? render(operand, () => Buffer.from(operand)) : render(new TextDecoder().decode(operand), () => operand);

/** An empty page about two operands. */
export function htmlReport(a: Bytes, b: Bytes): HtmlReport {
  return new HtmlReport({ a: shown(a), b: shown(b), render });
}

/**
 * Writes a file that is there whole or not at all: beside its place first, then moved.
 *
 * @throws SuiteError E_WRITE
 */
export function writeWhole(path: Bytes, text: string): void {
  const name = typeof path === "string" ? path : new TextDecoder().decode(path);
  const target = Buffer.from(path as string);
  const draft = Buffer.concat([target, Buffer.from(`.${process.pid}.part`)]);
  try {
    const fd = openSync(draft, "wx", 0o666);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, target);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw suiteError("E_WRITE", `${name}: ${(cause as Error).message}`, { op: "write", path: name, cause });
  }
}
