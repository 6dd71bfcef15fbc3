// URLs on loopback: against curl piped into cmp, and against fetching many files and comparing the folders.
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { FileServer } from "../lib/file-server.ts";
import { makeChanged, makePair, makeTree, type Corpus } from "../lib/corpus.ts";
import { shellWords } from "../lib/process.ts";
import type { Case } from "./cases.ts";
import { byExit, compiledProgram, everywhere, suiteProgram, type Program } from "./peers.ts";

const here = (path: string) => relative(process.cwd(), path);

/** The pipe's exit code is that of cmp, which sees a download that broke off as a file that ends early. */
const curlCmp: Program = {
  id: "curl-cmp",
  label: "curl | cmp -s",
  program: "curl",
  version: ["curl", "--version"],
  packages: everywhere("curl"),
  argv: ({ left, right }) => ["sh", "-c", `curl -s ${shellWords([right])} | cmp -s ${shellWords([here(left)])} -`],
  verdict: byExit,
};

/** Programs that are measured for URLs only. */
export const urlPrograms: readonly Program[] = [curlCmp];

/** Fetches all files of a map, on several connections, then compares the folders. */
const curlDiff = (scratch: string): Program => ({
  id: "curl-diff",
  label: "curl --parallel, then diff -rq",
  program: "curl",
  version: curlCmp.version,
  packages: everywhere("curl"),
  scratch,
  argv: ({ left, right }) => {
    const config = shellWords([here(right.replace(/json$/, "curl"))]);
    const into = shellWords([join(here(scratch), "b")]);
    const fetch = `curl -s --parallel --create-dirs --output-dir ${into} -K ${config}`;
    return ["sh", "-c", `${fetch} || exit 2; ${shellWords(["diff", "-rq", here(left)])} ${into}`];
  },
  verdict: byExit,
});

/** The same program with `--url-map`. */
const mapped = (program: Program): Program => ({
  ...program,
  label: `${program.label} --url-map`,
  argv: (corpus) => program.argv(corpus)?.toSpliced(-1, 0, "--url-map"),
});

/** Writes the map of a tree's right side for suite, and the same for curl. */
function writeMap(cache: string, name: string, origin: string, { left, right, files, leftDir }: Corpus): string {
  const paths = files.filter((path) => path.startsWith(`${leftDir}/`)).map((path) => relative(left, path));
  const url = (path: string) => `${origin}/${relative(cache, right)}/${path}`;
  const map = join(cache, `${name}.json`);
  writeFileSync(map, JSON.stringify(Object.fromEntries(paths.map((path) => [path, url(path)]))));
  const lines = paths.map((path) => `url = "${url(path)}"\noutput = "${path}"\n`);
  writeFileSync(join(cache, `${name}.curl`), lines.join(""));
  return map;
}

/** All cases of URLs. Quick ones are a fiftieth of the size. */
export function urlCases(cache: string, quick: boolean, compiled: string | undefined, server: FileServer): Case[] {
  const prefix = quick ? "quick-" : "";
  const size = quick ? "16 MiB" : "1 GiB";
  const pair = () => makePair(cache, `${prefix}pair-1g`, quick ? 16 << 20 : 1 << 30);
  const served = (make: () => Corpus) => async (): Promise<Corpus> => {
    const corpus = make();
    return { ...corpus, right: `${await server.origin()}/${relative(cache, corpus.right)}` };
  };
  const cli = suiteProgram("suite");
  const released = compiledProgram(compiled);
  const files = quick ? 20 : 1000;
  return [
    {
      id: "url-identical",
      title: `a file and a URL of ${size}, identical`,
      expected: "equal",
      corpus: served(pair),
      programs: [cli, released, curlCmp],
      calls: [],
      times: 1,
    },
    {
      id: "url-first",
      title: `a file and a URL of ${size}, first byte differs`,
      expected: "different",
      corpus: served(() => makeChanged(cache, `${prefix}pair-1g-first`, pair(), "first")),
      programs: [cli, suiteProgram("suite-q", "-q"), released, curlCmp],
      calls: [],
      times: 1,
    },
    {
      id: "url-map",
      title: `a directory and the URLs of its ${files.toLocaleString("en")} files of 100 KB`,
      expected: "equal",
      corpus: async () => {
        const shape = { files, fileBytes: 100_000, perDirectory: 100 };
        const corpus = makeTree(cache, `${prefix}tree-1000x100k`, shape);
        return { ...corpus, right: writeMap(cache, `${prefix}urls`, await server.origin(), corpus) };
      },
      programs: [mapped(cli), mapped(released), curlDiff(join(cache, "scratch"))],
      calls: [],
      times: 1,
    },
  ];
}
