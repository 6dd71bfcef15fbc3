/**
 * `suite compare` with URLs: the options of each side, and the sides themselves.
 * @module
 */
import { suiteError, SuiteError } from "../../src/errors.ts";
import type { Source, UrlMap, UrlOptions } from "../../src/index.ts";
import { pathSource } from "../../src/tree/source.ts";
import { shownOperand, source } from "../../src/tree/url.ts";
import type { Bytes, Values } from "../kit/flag.ts";
import { readLines, readText } from "./compare-lists.ts";

const URLS = "Options for URLs";

const BOTH = {
  header: {
    group: URLS,
    type: "string",
    value: "'NAME: VALUE'",
    repeat: true,
    secret: true,
    description: "send this header for URLs; `@FILE` reads headers, one a line",
  },
  timeout: { group: URLS, type: "duration", min: 1, description: "time for all of a URL; by default there is no limit" },
  location: { group: URLS, type: "boolean", default: true, description: "do not follow redirects" },
  insecure: { group: URLS, type: "boolean", description: "believe any https server" },
  cacert: { group: URLS, type: "path", description: "trust the certificates of this file (PEM) alone" },
  proxy: {
    group: URLS,
    type: "string",
    value: "URL",
    secret: true,
    description: "ask this proxy, or `none`; by default what `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say",
  },
  "trust-digest": { group: URLS, type: "boolean", description: "take a digest that the server gives for a proof" },
  "allow-private-redirects": { group: URLS, type: "boolean", description: "let redirects lead from public to private addresses" },
} as const;

type Both = typeof BOTH;
type Side = "a" | "b";
type Sided = { [Name in keyof Both as `${Name & string}-${Side}`]: Both[Name] };

/** Each option for one side. Those of headers are shown and set everywhere, for they hold what only one server may see. */
function sided(): Sided {
  const flags = Object.entries(BOTH).flatMap(([name, flag]) =>
    (["a", "b"] as const).map((side) => {
      const description = `as \`--${name}\`, for ${side.toUpperCase()} alone`;
      return [`${name}-${side}`, { ...flag, description, ...(name !== "header" && { hidden: true, config: false }) }];
    }),
  );
  return Object.fromEntries(flags) as Sided;
}

const MAP = {
  "url-map": {
    group: URLS,
    type: "path",
    config: false,
    description: 'compare the directory A with the URLs of a JSON file: `{"PATH": "URL"}`',
  },
} as const;

/** The flags of `suite compare` about URLs. */
export const urlFlags = { ...MAP, ...BOTH, ...sided() };

/** Their values. */
export type UrlFlags = Values<typeof MAP & Both & Sided>;

const textOf = (value: Bytes) => (typeof value === "string" ? value : new TextDecoder().decode(value));

/** The name of an operand for people. A URL shows nothing that may be a secret. */
export const operandName = (operand: Bytes): string => shownOperand(textOf(operand));

const isUrl = (operand: Bytes) => /^https?:/.test(textOf(operand));

/**
 * The flags with the headers of each `@FILE` in its place. Nothing is read where nothing is asked of a server.
 *
 * @throws SuiteError what a file that cannot be read is refused with
 */
export async function readHeaders<Flags extends UrlFlags>(flags: Flags, operands: readonly Bytes[], signal: AbortSignal): Promise<Flags> {
  if (flags["url-map"] === undefined && !operands.some((operand) => isUrl(operand) || /^manifest:https?:/.test(textOf(operand)))) return flags;
  const all = { ...flags };
  for (const name of ["header", "header-a", "header-b"] as const) {
    const lines: string[] = [];
    for (const value of flags[name]) {
      if (value.startsWith("@")) lines.push(...(await readLines(value.slice(1), signal)));
      else lines.push(value);
    }
    all[name] = lines;
  }
  return all;
}

/** `NAME: VALUE`. What is wrong is not repeated: it may hold a secret. */
function headersOf(lines: readonly string[]): [name: string, value: string][] {
  return lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    if (colon > 0) return [line.slice(0, colon), line.slice(colon + 1).trim()];
    throw suiteError("E_USAGE", "a header is 'NAME: VALUE', or @FILE with one a line", { op: "parse" });
  });
}

/** What the environment says about proxies, read as curl reads it: `HTTP_PROXY` in capitals may come from a request. */
function proxyAround(env: Readonly<Record<string, string | undefined>>): UrlOptions["proxy"] {
  const all = env["all_proxy"] || env["ALL_PROXY"];
  return {
    http: env["http_proxy"] || all,
    https: env["https_proxy"] || env["HTTPS_PROXY"] || all,
    no: env["no_proxy"] || env["NO_PROXY"],
  };
}

/** The options of both sides, and those of one of them. */
function optionsOf(flags: UrlFlags, side: Side | undefined): UrlOptions {
  const own = <Name extends keyof Both>(name: Name) => (side === undefined ? undefined : flags[`${name}-${side}`]);
  const proxy = own("proxy") ?? flags.proxy;
  const cacert = own("cacert") ?? flags.cacert;
  return {
    headers: headersOf([...flags.header, ...(own("header") ?? [])]),
    timeoutMs: own("timeout") ?? flags.timeout,
    followRedirects: flags.location && (own("location") ?? true),
    verifyTls: !(flags.insecure || own("insecure")),
    caFile: cacert === undefined ? undefined : textOf(cacert),
    proxy: proxy === undefined ? proxyAround(process.env) : proxy === "none" ? undefined : proxy,
    trustDigest: flags["trust-digest"] || own("trust-digest"),
    allowPrivateRedirects: flags["allow-private-redirects"] || own("allow-private-redirects"),
  };
}

/** An operand as the library takes it, with the options of its side if it is a URL. */
export function sourceOf(operand: Bytes, flags: UrlFlags, side: Side | undefined): Source {
  if (isUrl(operand)) return source({ url: textOf(operand), ...optionsOf(flags, side) });
  return typeof operand === "string" ? operand : pathSource(operand);
}

/** The tree of `--url-map`: its URLs are asked for with the options of B. */
export async function mapOf(file: Bytes, flags: UrlFlags, signal: AbortSignal): Promise<UrlMap> {
  const name = textOf(file);
  const text = await readText(file, signal);
  const { parseUrlMap, urlMap } = await import("../../src/tree/map.ts");
  try {
    const options = optionsOf(flags, "b");
    const urls = Object.entries(parseUrlMap(text)).map(([path, url]) => [path, source({ url, ...options })] as const);
    return urlMap(Object.fromEntries(urls));
  } catch (cause) {
    if (!(cause instanceof SuiteError) || cause.code !== "E_USAGE") throw cause;
    throw suiteError("E_USAGE", `${name}: ${cause.message}`, { op: "parse", path: name, cause });
  }
}
