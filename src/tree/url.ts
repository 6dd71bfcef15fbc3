/**
 * URLs as sources: how they are asked for, and how they are named.
 * @module
 */
import { suiteError } from "../errors.ts";
import { addressOf } from "../ffi/address.ts";
import { CoreRemoteFlag, encodeRemoteOpts } from "../ffi/layout.gen.ts";
import { NativeRemote } from "../ffi/native-remote.ts";

/** A proxy for each scheme, and the hosts that are asked without one. */
export interface ProxyOptions {
  /** URL of the proxy for http:// URLs. */
  http?: string | undefined;
  /** URL of the proxy for https:// URLs. */
  https?: string | undefined;
  /** Hosts that are asked directly: names (with all below them), addresses, or `*`, with commas between them. */
  no?: string | undefined;
}

/** How URLs are asked for. Nothing of it is sent to anybody but the origin of the URL, and the proxy. */
export interface UrlOptions {
  /**
   * Header fields for the origin of the URL. A redirect to another origin is followed without them.
   * @default {}
   */
  headers?: Readonly<Record<string, string>> | Headers | readonly (readonly [name: string, value: string])[] | undefined;
  /**
   * Milliseconds from the first request to the last byte.
   * @default no limit
   */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds to a connection.
   * @default 30000
   */
  connectTimeoutMs?: number | undefined;
  /**
   * Milliseconds without a byte while some are wanted.
   * @default 60000
   */
  idleTimeoutMs?: number | undefined;
  /**
   * Go where a redirect leads. Otherwise it fails with its status.
   * @default true
   */
  followRedirects?: boolean | undefined;
  /**
   * Redirects followed one after the other.
   * @default 10
   */
  maxRedirects?: number | undefined;
  /**
   * Let a redirect lead from a public to a private address.
   * @default false
   */
  allowPrivateRedirects?: boolean | undefined;
  /**
   * How often a request that failed for the moment is sent anew.
   * @default 3
   */
  retries?: number | undefined;
  /**
   * Believe an https:// server only if its certificate proves who it is.
   * @default true
   */
  verifyTls?: boolean | undefined;
  /**
   * A file of certificates in PEM that alone are trusted.
   * @default those of the system
   */
  caFile?: string | undefined;
  /**
   * URL of a proxy, or one for each scheme.
   * @default none
   */
  proxy?: string | ProxyOptions | undefined;
  /**
   * Take a digest that the server gives (`Repr-Digest`, checksums of whole S3 objects) for a proof.
   * @default false
   */
  trustDigest?: boolean | undefined;
}

/** What {@link source} takes. */
export interface SourceSpec extends UrlOptions {
  url: string | URL;
}

/**
 * A URL with options of its own. Made by {@link source}.
 *
 * @example
 * ```ts
 * import { source, type UrlSource } from "suite";
 *
 * const patient: UrlSource = source({ url: "http://user:word@localhost:8080/x", timeoutMs: 60_000 });
 * console.log(JSON.stringify({ patient })); // {"patient":"http://localhost:8080/x"}
 * ```
 */
export class UrlSource {
  readonly url: URL;
  readonly options: UrlOptions;

  /** @internal Made by {@link source}. */
  constructor(url: URL, options: UrlOptions) {
    this.url = url;
    this.options = options;
  }

  /** The URL for people: without user, password and query. */
  toString(): string {
    return shownUrl(this.url);
  }

  /** As {@link toString}: what is printed or stored by accident holds no secrets. */
  toJSON(): string {
    return shownUrl(this.url);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `UrlSource ${shownUrl(this.url)}`;
  }
}

/**
 * Names a URL with options that are for it alone. They are stronger than
 * those of the call.
 *
 * @throws SuiteError E_USAGE for what is no http or https URL, or an option out of range
 * @example
 * ```ts
 * import { source } from "suite";
 *
 * const release = source({ url: "https://example.org/release.tar?key=1", headers: { Authorization: "Bearer secret" } });
 * console.log(String(release)); // https://example.org/release.tar?...
 * ```
 */
export function source({ url, ...options }: SourceSpec): UrlSource {
  checkUrlOptions(options);
  return new UrlSource(url instanceof URL ? checkedUrl(url) : parseUrl(url), options);
}

/** Names of {@link UrlOptions}, for lists of options that must be complete. */
export const URL_OPTION_NAMES = {
  headers: true,
  timeoutMs: true,
  connectTimeoutMs: true,
  idleTimeoutMs: true,
  followRedirects: true,
  maxRedirects: true,
  allowPrivateRedirects: true,
  retries: true,
  verifyTls: true,
  caFile: true,
  proxy: true,
  trustDigest: true,
} as const satisfies Record<keyof UrlOptions, true>;

/** An object without the keys whose value is undefined. */
export function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

const usage = (message: string) => suiteError("E_USAGE", message, { op: "parse" });

/** The URL for people: what stands before an `@` or behind a question mark may be a secret. */
export function shownUrl({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search === "" ? "" : "?..."}`;
}

/** As {@link shownUrl} of an operand that is a URL, or was meant as one, and any other operand as it is. */
export function shownOperand(operand: string): string {
  if (!/^(?:https?:|[a-z][a-z0-9+.-]*:\/\/)/.test(operand)) return operand;
  if (/^https?:\/\//.test(operand) && URL.canParse(operand)) return shownUrl(new URL(operand));
  return operand.replace(/^([a-z0-9+.-]*:\/*)[^/]*@/, "$1").replace(/[?#][^]*$/, "?...");
}

/**
 * Reads an http or https URL.
 *
 * @throws SuiteError E_USAGE
 */
export function parseUrl(text: string): URL {
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) {
    throw usage(`${shownOperand(text)}: it is no URL; a file of that name is ./${shownOperand(text)}`);
  }
  return checkedUrl(new URL(text));
}

function checkedUrl(url: URL): URL {
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw usage(`${url.protocol}: a source is a http: or https: URL, or a file: URL that is not given to source()`);
  }
  if (url.hostname === "") throw usage(`${shownUrl(url)}: it names no host`);
  return url;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Control characters end a line or a message.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
/** Fields that decide where a message ends or which bytes are asked for, as in libcore/src/io/remote.c. */
const OURS = new Set(
  `accept-encoding connection content-length expect http2-settings if-match if-modified-since if-none-match if-range
  if-unmodified-since keep-alive proxy-connection range te trailer transfer-encoding upgrade`.split(/\s+/),
);

/** The header lines of the options, checked. Messages name the field, never its value. */
function headerLines(headers: UrlOptions["headers"] = {}): string[] {
  const pairs =
    headers instanceof Headers ? [...headers] : Array.isArray(headers) ? headers : Object.entries(headers);
  return (pairs as readonly unknown[]).map((pair) => {
    const [name, value] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (typeof name !== "string" || !TOKEN.test(name)) {
      throw usage("a header has a name of letters, digits and hyphens, a colon, and a value");
    }
    if (typeof value !== "string" || CONTROL.test(value)) throw usage(`the header ${name} needs a value without control characters`);
    if (OURS.has(name.toLowerCase())) throw usage(`the header ${name} is set by suite itself`);
    return `${name}: ${value.trim()}`;
  });
}

function milliseconds(value: number | undefined, name: string, most: number): number {
  if (value === undefined) return 0;
  if (Number.isFinite(value) && value > 0 && value <= most) return Math.ceil(value);
  throw usage(`${name} is a number of milliseconds from 1 to ${most}, not ${String(value)}`);
}

function count(value: number | undefined, name: string, min: number): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= 1000)) return value;
  throw usage(`${name} is a whole number from ${min} to 1000, not ${String(value)}`);
}

/** The URL of a proxy as libcurl takes it; a host alone is one that speaks HTTP. */
function proxyUrl(text: string | undefined): string {
  if (text === undefined || text === "") return "";
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(url) && /^(?:https?|socks(?:4a?|5h?)):\/\//i.test(url)) return url;
  // Not its text: it may hold a password.
  throw usage("proxy is the URL of a proxy: http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT");
}

const EVERY_MS = 1e12;
const UINT32_MS = 0xffff_fffe;
/** What `retries` takes for none. */
const NEVER = 0xffff_ffff;

/** The options as libcore takes them, with what they point to. */
function encode(o: UrlOptions): { encoded: Uint8Array; kept: Uint8Array[] } {
  const f = CoreRemoteFlag;
  const flags =
    (o.followRedirects === false ? f.NO_REDIRECTS : 0) |
    (o.verifyTls === false ? f.INSECURE : 0) |
    (o.allowPrivateRedirects ? f.PRIVATE_REDIRECTS : 0) |
    (o.trustDigest ? f.TRUST_DIGEST : 0);
  const proxies = typeof o.proxy === "object" ? o.proxy : { http: o.proxy, https: o.proxy };
  const kept: Uint8Array[] = [];
  const place = (text: string): [at: number, length: number] => {
    const bytes = new TextEncoder().encode(text);
    kept.push(bytes);
    return [addressOf(bytes), bytes.length];
  };
  const [headers, headersLen] = place(headerLines(o.headers).map((line) => `${line}\0`).join(""));
  const [proxy, proxyLen] = place(proxyUrl(proxies.http));
  const [proxyTls, proxyTlsLen] = place(proxyUrl(proxies.https));
  const [noProxy, noProxyLen] = place(proxies.no ?? "");
  const [caFile, caFileLen] = place(o.caFile ?? "");
  const retries = count(o.retries, "retries", 0);
  const encoded = encodeRemoteOpts({
    flags,
    headers,
    headersLen,
    proxy,
    proxyLen,
    proxyTls,
    proxyTlsLen,
    noProxy,
    noProxyLen,
    caFile,
    caFileLen,
    timeoutMs: milliseconds(o.timeoutMs, "timeoutMs", EVERY_MS),
    connectTimeoutMs: milliseconds(o.connectTimeoutMs, "connectTimeoutMs", UINT32_MS),
    idleTimeoutMs: milliseconds(o.idleTimeoutMs, "idleTimeoutMs", UINT32_MS),
    redirects: count(o.maxRedirects, "maxRedirects", 1) ?? 0,
    retries: retries === 0 ? NEVER : (retries ?? 0),
  });
  return { encoded, kept };
}

/**
 * Checks options without using them.
 *
 * @throws SuiteError E_USAGE naming the option
 */
export function checkUrlOptions(options: UrlOptions): void {
  encode(options);
}

/**
 * Hands the options to libcore. The caller closes what it gets.
 *
 * @throws SuiteError E_USAGE naming the option
 */
export function makeRemote(options: UrlOptions): NativeRemote {
  const { encoded, kept } = encode(options);
  const remote = new NativeRemote(encoded);
  // What the options point to was read in that call.
  kept.length = 0;
  return remote;
}
