/**
 * The few settings of git that say what is ignored.
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** What {@link gitIgnoreSettings} found. */
export interface GitIgnoreSettings {
  /** core.excludesFile, or where git looks when it is not set. */
  readonly excludesFile: string | undefined;
  /** core.ignoreCase. */
  readonly ignoreCase: boolean;
}

/** As deep as git goes into included files. */
const MOST_INCLUDES = 10;

/** Lines of a section, subsections left out: [section, key, value]. git-config(1), "Configuration file: syntax". */
function* settingsOf(text: string): Generator<readonly [section: string, key: string, value: string]> {
  let section = "";
  // A backslash at the end goes on with the next line.
  for (const line of text.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const head = /^\s*\[\s*([\w.-]+)\s*("(?:[^"\\]|\\.)*")?\s*\](.*)$/.exec(line);
    if (head) section = head[2] === undefined ? (head[1] ?? "").toLowerCase() : "";
    const setting = /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(head ? (head[3] ?? "") : line);
    if (setting && section !== "") yield [section, (setting[1] ?? "").toLowerCase(), setting[2] === undefined ? "true" : valueOf(setting[2])];
  }
}

/** A value without quotes, comments and spaces around it. */
function valueOf(text: string): string {
  let value = "";
  let kept = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? "";
    if (c === '"') {
      quoted = !quoted;
      continue;
    }
    if (!quoted && (c === "#" || c === ";")) break;
    if (c === "\\") value += { n: "\n", t: "\t", b: "\b" }[text[++i] ?? ""] ?? text[i] ?? "";
    else value += c;
    if (quoted || !/\s/.test(c)) kept = value.length;
  }
  return value.slice(0, kept);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // git goes on without a file it cannot read, too.
    return undefined;
  }
}

/** The directory of the repository that a path is in: its `.git`. */
function gitDir(path: string): string | undefined {
  for (let at = resolve(path); ; at = dirname(at)) {
    const git = join(at, ".git");
    try {
      if (statSync(git).isDirectory()) return git;
      // A linked work tree: a file that says where.
      const linked = /^gitdir: (.+)/.exec(read(git) ?? "")?.[1];
      if (linked !== undefined) return resolve(at, linked, read(resolve(at, linked, "commondir"))?.trim() ?? "");
    } catch {
      // Not here.
    }
    if (dirname(at) === at) return undefined;
  }
}

/**
 * What git would ignore in a tree besides the files in it, as its
 * configuration says: that of the system, of the user, of the repository.
 * Conditional includes are left out.
 *
 * @param root a directory of the tree
 * @param env the environment: `HOME`, `XDG_CONFIG_HOME`, `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM`, `GIT_CONFIG_NOSYSTEM`
 * @example
 * ```ts
 * import { gitIgnoreSettings } from "suite";
 *
 * console.log(gitIgnoreSettings("/", { HOME: "/nowhere" }).excludesFile); // /nowhere/.config/git/ignore
 * ```
 */
export function gitIgnoreSettings(root: string, env: Readonly<Record<string, string | undefined>>): GitIgnoreSettings {
  const home = env["HOME"];
  const ofUser = env["XDG_CONFIG_HOME"] || (home ? join(home, ".config") : undefined);
  const expand = (path: string, base: string) => {
    if (path.startsWith("~/") && home) return join(home, path.slice(2));
    return isAbsolute(path) ? path : resolve(base, path);
  };
  let excludesFile = ofUser && join(ofUser, "git/ignore");
  let ignoreCase = false;
  const take = (file: string, depth: number) => {
    for (const [section, key, value] of settingsOf(read(file) ?? "")) {
      if (section === "include" && key === "path" && depth < MOST_INCLUDES) take(expand(value, dirname(file)), depth + 1);
      if (section !== "core") continue;
      if (key === "excludesfile") excludesFile = value === "" ? undefined : expand(value, process.cwd());
      if (key === "ignorecase") ignoreCase = /^(?:true|yes|on|1)$/i.test(value);
    }
  };
  const nosystem = env["GIT_CONFIG_NOSYSTEM"];
  if (!nosystem || /^(?:0|false|no|off)$/i.test(nosystem)) take(env["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig", 0);
  const global = env["GIT_CONFIG_GLOBAL"];
  if (global !== undefined) {
    take(global, 0);
  } else {
    if (ofUser) take(join(ofUser, "git/config"), 0);
    if (home) take(join(home, ".gitconfig"), 0);
  }
  const repository = gitDir(root);
  if (repository) take(join(repository, "config"), 0);
  return { excludesFile, ignoreCase };
}
