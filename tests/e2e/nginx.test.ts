// URLs of a server that is not ours: nginx, over HTTP/1.1 and 2. Where there is none, that is a listed skip.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { compare, compareSync, source, type PairResult } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

/** Debian keeps it where only root looks. */
const nginx = Bun.which("nginx") ?? ["/usr/sbin/nginx", process.env["SUITE_TEST_NGINX"] ?? ""].find((path) => existsSync(path) && path !== "");

const MIB = 1 << 20;
const folder = temporaryFolder("suite-nginx-");
leavesNothing();
const late = noise(8 * MIB, 1);
late[7 * MIB] = (late[7 * MIB] ?? 0) ^ 1;
const tree = { big: noise(8 * MIB, 1), late, small: "one\ntwo\n", "text.html": "<p>".repeat(20_000), empty: "" };
makeTree(join(folder, "www"), tree);
const local = (name: string) => join(folder, "www", name);

let child: ReturnType<typeof Bun.spawn> | undefined;
let [port, tlsPort] = [0, 0];
let caFile = "";

/** Ports that nobody has at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const config = (certificate: string) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/tmp/${name};`).join(" ")}
  log_format seen '$connection $request_method $uri $status $body_bytes_sent $http_range $server_protocol';
  access_log ${folder}/access.log seen;
  keepalive_requests 10000;
  gzip on;
  gzip_types *;
  root ${folder}/www;
  server {
    listen 127.0.0.1:${port};
    location /moved { return 302 /big; }
    location /busy { return 503; }
  }
  server {
    listen 127.0.0.1:${tlsPort} ssl http2;
    ssl_certificate ${certificate};
    ssl_certificate_key ${certificate.replace(/pem$/, "key")};
  }
}
`;

/** Starts it, on other ports if somebody was faster. */
async function startNginx(program: string): Promise<void> {
  caFile = (await makeCertificate(folder, "nginx")).file;
  mkdirSync(join(folder, "tmp"));
  for (let tries = 0; tries < 5; tries++) {
    [port = 0, tlsPort = 0] = await freePorts(2);
    writeFileSync(join(folder, "nginx.conf"), config(caFile));
    child = Bun.spawn([program, "-p", folder, "-c", join(folder, "nginx.conf")], { stdout: "ignore", stderr: "ignore" });
    while (child.exitCode === null) {
      if (await fetch(`http://127.0.0.1:${port}/small`).then(() => true, () => false)) return;
      await Bun.sleep(20);
    }
  }
  throw new Error(`nginx does not start: ${readFileSync(join(folder, "error.log"), "utf8")}`);
}

beforeAll(async () => {
  if (nginx !== undefined) await startNginx(nginx);
}, 300_000);
afterAll(async () => {
  child?.kill();
  await child?.exited;
});

/** The lines of the log that a call adds. */
async function logged(call: () => Promise<unknown>): Promise<string[][]> {
  const file = join(folder, "access.log");
  const before = readFileSync(file, "utf8").length;
  await call();
  // A line is written when a request is over, which its client may know first.
  await fetch(`http://127.0.0.1:${port}/end`);
  for (;;) {
    const lines = readFileSync(file, "utf8").slice(before).trimEnd().split("\n");
    const words = lines.map((line) => line.split(" "));
    if (words.some(([, , path]) => path === "/end")) return words.filter(([, , path]) => path !== "/end");
    await Bun.sleep(5);
  }
}

describe.skipIf(nginx === undefined)("nginx", () => {
  const plain = (path: string) => `http://127.0.0.1:${port}/${path}`;
  const secure = (path: string) => source({ url: `https://127.0.0.1:${tlsPort}/${path}`, caFile });

  for (const [name, url] of [["over HTTP/1.1", plain], ["over HTTP/2", secure]] as const) {
    test(`verdicts ${name}`, async () => {
      for (const file of Object.keys(tree)) {
        expect((await compare(local(file), url(file))).verdict).toBe("equal");
        expect((await compare(url(file), url(file), { locate: true })).verdict).toBe("equal");
        expect(compareSync(url(file), local(file)).verdict).toBe("equal");
      }
      expect(await compare(local("big"), url("late"), { locate: true })).toMatchObject({ verdict: "different", offset: 7 * MIB });
      expect(await compare(local("small"), url("big"))).toMatchObject({ reasons: ["size_mismatch"], bytesRead: 0 });
      expect(await compare(local("big"), url("late"), { skip: 7 * MIB + 1 })).toMatchObject({ verdict: "equal" });
      expect(await compare(local("big"), url("late"), { skip: 7 * MIB - 3, limitBytes: 3 })).toMatchObject({ verdict: "equal" });
      expect(await compare(local("empty"), url("empty"), { limitBytes: 3 })).toMatchObject({ verdict: "equal" });
    });
  }

  test("what it was asked, and on how many connections", async () => {
    const lines = await logged(async () => {
      for (let i = 0; i < 50; i++) expect((await compare(plain("small"), plain("small"), { locate: true })).verdict).toBe("equal");
      await compare(local("big"), plain("big"), { skip: 5 });
      await compare(local("small"), plain("big"));
    });
    expect(new Set(lines.map(([connection]) => connection)).size).toBeLessThanOrEqual(3);
    expect(lines.slice(0, 2).map(([, ...rest]) => rest.join(" "))).toEqual(Array(2).fill("GET /small 200 8 - HTTP/1.1"));
    expect(lines.slice(-3).map(([, ...rest]) => rest.join(" "))).toEqual([
      "HEAD /big 200 0 - HTTP/1.1",
      `GET /big 206 ${8 * MIB - 5} bytes=5- HTTP/1.1`,
      "HEAD /big 200 0 - HTTP/1.1",
    ]);
  });

  test("a redirect, and a status for the moment", async () => {
    expect((await compare(local("big"), plain("moved"))).verdict).toBe("equal");
    const lines = await logged(() => compare(local("big"), source({ url: plain("busy"), retries: 1 })).then(undefined, () => {}));
    expect(lines.map(([, method, path, status]) => `${method} ${path} ${status}`)).toEqual(["HEAD /busy 503", "HEAD /busy 503"]);
  });

  test("many at once over HTTP/2 share connections", async () => {
    const lines = await logged(async () => {
      const runs = Array.from({ length: 20 }, () => compare(secure("big"), secure("big"), { locate: true }) as PromiseLike<PairResult>);
      for (const run of runs) expect((await run).verdict).toBe("equal");
    });
    expect(lines).toHaveLength(40);
    expect(lines.every((words) => words.at(-1) === "HTTP/2.0")).toBe(true);
    expect(new Set(lines.map(([connection]) => connection)).size).toBeLessThanOrEqual(8);
  });
});
