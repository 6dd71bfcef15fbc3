// C-75: digests of a server as a proof, only where it is trusted with them.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, source, type CompareOptions, type PairResult, type Source } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { files, HttpServer } from "../support/http-server.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

const folder = temporaryFolder();
leavesNothing();

const bytes = noise(700_000, 21);
const other = bytes.slice();
other[650_000] = (other[650_000] ?? 0) ^ 1;
for (const [name, content] of Object.entries({ bytes, other })) writeFileSync(join(folder, name), content);
const ours = join(folder, "bytes");
const theirs = join(folder, "other");

const digest = (algorithm: "sha256" | "sha512", of: Uint8Array) => new Bun.CryptoHasher(algorithm).update(of).digest("base64");
const sha256 = `sha-256=:${digest("sha256", bytes)}:`;
const sha512 = `sha-512=:${digest("sha512", bytes)}:`;

/** CRC-64/NVME, bit by bit. */
function crc64nvme(of: Uint8Array): string {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of of) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : crc >> 1n;
  }
  const bigEndian = Buffer.alloc(8);
  bigEndian.writeBigUInt64BE(crc ^ 0xffff_ffff_ffff_ffffn);
  return bigEndian.toString("base64");
}

/** What comes of a comparison with a server that sends such fields, and what that saw. */
async function asked(
  fields: Record<string, string>,
  { side = ours, content = bytes, trustDigest = true, ...options }: CompareOptions & { side?: Source; content?: Uint8Array } = {},
) {
  await using server = await HttpServer.start(files({ x: { bytes: content, fields } }));
  const result = (await compare(side, source({ url: server.url("x"), trustDigest }), options)) as PairResult;
  return { ...result, lines: server.lines, seen: server.seen };
}

const HEAD = ["HEAD /x"];
const BOTH = ["HEAD /x", "GET /x"];

test("the test's CRC is the one that is meant", () => {
  // The check value of the catalogue of CRCs.
  expect(Buffer.from(crc64nvme(Buffer.from("123456789")), "base64").toString("hex")).toBe("ae8b14860a799888");
});

describe("are a proof", () => {
  test.each([
    [{ "Repr-Digest": sha256 }],
    [{ "Repr-Digest": sha512 }],
    [{ "Repr-Digest": `md5=:1B2M2Y8AsgTpgAmY7PhCfg==:, ${sha256};a=b, unixsum=:AAA=:` }],
    [{ "x-amz-checksum-sha256": digest("sha256", bytes), "x-amz-checksum-type": "FULL_OBJECT" }],
    [{ "x-amz-checksum-crc64nvme": crc64nvme(bytes), "x-amz-checksum-type": "FULL_OBJECT" }],
  ])("%j", async (fields: Record<string, string>) => {
    const same = await asked(fields);
    expect(same).toMatchObject({ verdict: "equal", proof: "digest", proofs: { digest: 1 }, lines: HEAD, bytesRead: bytes.length });
    expect(same.seen[0]?.headers).toMatchObject({ "want-repr-digest": expect.any(String), "x-amz-checksum-mode": "ENABLED" });
    expect(await asked(fields, { side: theirs })).toMatchObject({ verdict: "different", reasons: ["content_mismatch"], lines: HEAD });
    expect(await asked(fields, { side: bytes, locate: true })).toMatchObject({ verdict: "equal", proof: "digest", lines: HEAD });
    // A digest knows no place.
    const placed = await asked(fields, { side: theirs, locate: true });
    expect(placed).toMatchObject({ verdict: "different", offset: 650_000, lines: BOTH });
  });

  test("of two URLs, when both are trusted and give one of a kind", async () => {
    await using server = await HttpServer.start(
      files({
        a: { bytes, fields: { "Repr-Digest": `${sha256}, ${sha512}` } },
        b: { bytes, fields: { "Repr-Digest": sha256 } },
        c: { bytes: other, fields: { "Repr-Digest": `sha-256=:${digest("sha256", other)}:` } },
        d: { bytes, fields: { "Repr-Digest": sha512 } },
      }),
    );
    const at = (path: string, trustDigest = true) => source({ url: server.url(path), trustDigest });
    expect(await compare(at("a"), at("b"))).toMatchObject({ verdict: "equal", proof: "digest", bytesRead: 0 });
    expect(await compare(at("b"), at("c"))).toMatchObject({ verdict: "different", bytesRead: 0 });
    expect(await compare(at("b"), at("d"))).toMatchObject({ verdict: "equal", proof: "bytes" });
    expect(await compare(at("a"), at("b", false))).toMatchObject({ verdict: "equal", proof: "bytes" });
  });
});

describe("are no proof", () => {
  const lie = { "Repr-Digest": `sha-256=:${digest("sha256", other)}:` };

  test("where nobody trusts them: neither asked for nor believed", async () => {
    const same = await asked(lie, { trustDigest: false });
    expect(same).toMatchObject({ verdict: "equal", proof: "bytes", lines: BOTH });
    for (const { headers } of same.seen) expect(Object.keys(headers)).not.toContain("want-repr-digest");
    expect(await asked(lie, { trustDigest: false, side: theirs })).toMatchObject({ verdict: "different" });
  });

  test("where only the bytes will do, and where only some of them count", async () => {
    expect(await asked(lie, { prove: "bytes" })).toMatchObject({ verdict: "equal", proof: "bytes" });
    expect(await asked(lie, { skip: 1 })).toMatchObject({ verdict: "equal", proof: "bytes" });
    expect(await asked(lie, { limitBytes: 10 })).toMatchObject({ verdict: "equal", proof: "bytes" });
    expect(await asked(lie, { side: new Blob([bytes]) })).toMatchObject({ verdict: "equal", proof: "bytes" });
  });

  test.each([
    [{ "x-amz-checksum-crc64nvme": crc64nvme(other), "x-amz-checksum-type": "COMPOSITE" }],
    [{ "x-amz-checksum-sha256": `${digest("sha256", other)}-3` }],
    [{ "x-amz-checksum-crc32": "AAAAAA==" }],
    [{ "Repr-Digest": `sha-256=${digest("sha256", other)}` }],
    [{ "Repr-Digest": `sha-256=:${digest("sha256", other)}` }],
    [{ "Repr-Digest": `sha-256=:${digest("sha512", other)}:` }],
    [{ "Repr-Digest": `SHA-256=:${digest("sha256", other)}:` }],
    [{ "Repr-Digest": `sha-256=:${digest("sha256", other)}:,` }],
    [{ "Repr-Digest": `sha-256=:${digest("sha256", other)}:, ${sha256}` }],
    [{ "Content-Digest": `sha-256=:${digest("sha256", other)}:` }],
    [{ "Repr-Digest": `sha-256=:${digest("sha256", other)}:`, "Content-Encoding": "gzip" }],
  ])("in the form %j", async (fields: Record<string, string>) => {
    if (fields["Content-Encoding"]) {
      await using server = await HttpServer.start((request, reply) => {
        if (request.method === "HEAD") return reply.head(200, { ...fields, "Content-Length": "100" });
        return files({ x: bytes })(request, reply);
      });
      const result = await compare(ours, source({ url: server.url("x"), trustDigest: true }));
      return expect(result).toMatchObject({ verdict: "equal" });
    }
    expect(await asked(fields)).toMatchObject({ verdict: "equal", proof: "bytes", lines: BOTH });
  });
});
