// Certificates for servers of the tests, made by a program beside the C tests.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildNative } from "../../scripts/build/native.ts";
import type { Tls } from "./http-server.ts";

/** A certificate for localhost and 127.0.0.1 that nobody has signed but itself, and the file it is in. */
export async function makeCertificate(folder: string, name: string): Promise<Tls & { file: string }> {
  const tools = (await buildNative({ tests: true })).testTools;
  const tool = tools.find((path) => path.endsWith("/certificate_tool"));
  const [file, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const { exitCode } = Bun.spawnSync([tool ?? "certificate_tool", file, keyFile]);
  if (exitCode !== 0) throw new Error("certificate_tool failed");
  return { file, cert: readFileSync(file), key: readFileSync(keyFile) };
}
