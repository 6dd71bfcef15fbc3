// `bun bench/render.ts [FOLDER]`: makes the Markdown and the charts anew from the compare.json in a folder, docs/benchmarks
// unless another is named. Nothing is measured.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeDerived } from "./compare/files.ts";
import type { CompareReport } from "./compare/report.ts";

const folder = resolve(process.argv[2] ?? join(import.meta.dir, "../docs/benchmarks"));
writeDerived(folder, JSON.parse(readFileSync(join(folder, "compare.json"), "utf8")) as CompareReport);
