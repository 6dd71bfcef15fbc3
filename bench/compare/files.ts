// The files of a report: the measurements as JSON, and what is made of them, Markdown and charts.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { charts } from "./charts.ts";
import { markdown, type CompareReport } from "./report.ts";

/** Everything that is made of a report, by file name: the same for the same report, wherever it is made. */
export function derivedFiles(report: CompareReport): Record<string, string> {
  const pictures = charts(report).map(({ file, svg }) => [file, svg]);
  return { "compare.md": markdown(report), ...Object.fromEntries(pictures) };
}

/** Writes what is made of a report into a folder, and takes away charts of an earlier one. */
export function writeDerived(folder: string, report: CompareReport): void {
  mkdirSync(folder, { recursive: true });
  const files = derivedFiles(report);
  for (const name of readdirSync(folder)) {
    if (/^compare.*\.svg$/.test(name) && !Object.hasOwn(files, name)) rmSync(join(folder, name));
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** Writes a report and all that is made of it. */
export function writeReport(folder: string, report: CompareReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "compare.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  writeDerived(folder, report);
}
