// C-23 on the command line: suite compare DIR --url-map FILE.
import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { files, HttpServer } from "../support/http-server.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare as run, type Surroundings } from "./kit/suite.ts";

const cwd = makeTree(temporaryFolder(), { "dir/a": "1", "dir/b": "2", "dir/sub/c": "3", "dir/sub/d": "4", keys: "X-Key: file\n" });
const server = await HttpServer.start(files({ a: Buffer.from("1"), b: Buffer.from("x"), c: Buffer.from("3"), d: Buffer.from("4") }));
afterAll(() => server[Symbol.asyncDispose]());

const map = (name: string, entries: Record<string, string>) => {
  writeFileSync(join(cwd, name), JSON.stringify(entries));
  return name;
};
const url = (path: string) => `${server.url(path)}?token=word`.replace("//", "//me:pass@");
const same = map("same.json", { a: url("a"), "sub/c": url("c"), "sub/d": url("d") });
const other = map("other.json", { a: url("a"), b: url("b"), "sub/c": url("gone"), new: url("a") });

/** The environment of whoever runs the tests may name a proxy. */
const NO_PROXIES = { http_proxy: "", https_proxy: "", HTTPS_PROXY: "", all_proxy: "", ALL_PROXY: "", no_proxy: "", NO_PROXY: "" };
const compare = (args: string[], around: Surroundings = {}) => run(args, { cwd, ...around, env: { ...NO_PROXIES, ...around.env } });

test("lists what differs, is missing, or cannot be read: 3", async () => {
  const { code, text, stderr } = await compare(["dir", "--url-map", other]);
  expect(text).toBe("* b\tcontent_mismatch\n> new\n! sub/c\tE_HTTP_STATUS\n< sub/d\n");
  expect(stderr).toBe(
    `suite compare: sub/c: fetch right side: ${server.url("gone?...")}: the server answered 404 (E_HTTP_STATUS)\n`,
  );
  expect(code).toBe(3);
});

test("ends with 0 when all is there, with 1 when something is not", async () => {
  expect(await compare(["dir", "--url-map", same, "-x", "b"])).toMatchObject({ code: 0, text: "", stderr: "" });
  expect(await compare(["dir", "--url-map", same])).toMatchObject({ code: 1, text: "< b\n" });
  expect(await compare(["-q", "dir", "--url-map", same])).toMatchObject({ code: 1, text: "", stderr: "" });
  const stdin = Buffer.from(JSON.stringify({ c: url("c"), d: url("d") }));
  expect(await compare(["dir/sub", "--url-map", "-"], { stdin })).toMatchObject({ code: 0 });
});

test("as JSON, without a secret", async () => {
  const end = await compare(["--json", "--all-entries", "dir", "--url-map", other]);
  const { entries, summary } = readJson(end);
  expect(entries.map(({ status, path }) => `${status} ${path}`)).toEqual([
    "equal a",
    "different b",
    "only_right new",
    "equal sub",
    "unknown sub/c",
    "only_left sub/d",
  ]);
  expect(summary).toMatchObject({ verdict: "different", exit: 3, equal: 2, different: 1, only_left: 1, only_right: 1, unknown: 1 });
  expect(end.text + end.stderr).not.toMatch(/word|pass|me:/);
});

test("the options of URLs for both sides, and those of B, are for the map", async () => {
  for (const [flags, key] of [
    [["--header", "X-Key: both"], "both"],
    [["--header-b", "@keys"], "file"],
    [["--header-a", "X-Key: a"], undefined],
  ] as const) {
    server.forget();
    await compare([...flags, "dir", "--url-map", same]);
    expect(new Set(server.seen.map(({ headers }) => headers["x-key"]))).toEqual(new Set([key]));
  }
});

describe("refused", () => {
  writeFileSync(join(cwd, "broken.json"), '{"a": "http://me:secret@x/"');
  writeFileSync(join(cwd, "twice.json"), '{"a": "http://x/", "a": "http://y/"}');
  map("up.json", { "../a": "http://x/" });
  map("ftp.json", { a: "ftp://me:secret@x/" });
  test.each([
    [["dir", "--url-map", "broken.json"], "broken.json: it is no JSON"],
    [["dir", "--url-map", "twice.json"], 'twice.json: "a" is there twice'],
    [["dir", "--url-map", "up.json"], '"../a" (http://x/) is no path'],
    [["dir", "--url-map", "ftp.json"], "ftp.json: ftp://x/: it is no URL"],
    [["dir", "dir", "--url-map", same], "takes one operand, not 2"],
    [["--url-map", same], "takes one operand, not 0"],
    [["dir/a", "--url-map", same], "a map of URLs is compared with a directory"],
    [["--ranges", "dir", "--url-map", same], "are for files, not for trees"],
    [["--all", "dir", "--url-map", same], "--url-map is about two sides"],
    [["-", "--url-map", "-"], "standard input cannot be both"],
  ])("%j", async (args, message) => {
    const { code, stderr } = await compare(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
    expect(code).toBe(2);
  });

  test("a file that is not there", async () => {
    expect(await compare(["dir", "--url-map", "none.json"])).toMatchObject({ code: 4, stderr: expect.stringContaining("none.json") });
  });
});
