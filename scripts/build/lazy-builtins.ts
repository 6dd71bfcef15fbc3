// Bundling citty without what it loads for nothing.
import { readFile } from "node:fs/promises";

const IMPORT = /import \{ parseArgs as (\S+) \} from "node:util";/;

/**
 * citty imports node:util for the parser of its arguments. Ours stands before it and leaves it none, so the module,
 * whose evaluation takes a millisecond of every start, is loaded when there is something to parse: never, today.
 */
export const lazyUtil: Bun.BunPlugin = {
  name: "node:util when it is needed",
  setup(build) {
    build.onLoad({ filter: /[\\/]citty[\\/]dist[\\/]index\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!IMPORT.test(text)) throw new Error(`${path} no longer imports parseArgs as scripts/build/lazy-builtins.ts knows it`);
      const lazily = (_: string, name: string) =>
        `const ${name} = (config) => config.args.length === 0 && config.options === undefined ` +
        `? { values: {}, positionals: [] } : process.getBuiltinModule("node:util").parseArgs(config);`;
      return { loader: "js", contents: text.replace(IMPORT, lazily) };
    });
  },
};
