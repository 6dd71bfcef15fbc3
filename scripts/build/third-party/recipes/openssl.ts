import { configureOpenssl } from "../openssl.ts";
import type { RecipeFor } from "../recipe.ts";

const files = ["Configure", "VERSION.dat", "build.info", "config", "configdata.pm.in"];
const folders = ["Configurations", "crypto", "exporters", "external/perl", "include", "providers", "ssl", "util"];

/** OpenSSL 3.5, the long-term version: TLS for curl, and through the shim for msquic. */
export const openssl: RecipeFor = () => ({
  name: "openssl",
  half: "net",
  unpack: [...files, ...folders].map((path) => `openssl/${path}`),
  // Configure wants to read these. They list programs, manuals and fuzzers, which are not built, and take half its time.
  empty: ["apps", "doc", "fuzz", "tools"].map((folder) => `openssl/${folder}/build.info`),
  sources: [],
  // The options it is configured with.
  config: true,
  configure: configureOpenssl,
  configuredBy: ["scripts/build/third-party/openssl.ts"],
  users: { include: ["openssl/include"], configured: ["include"] },
});
