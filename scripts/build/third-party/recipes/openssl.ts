import { configureOpenssl } from "../openssl.ts";
import type { RecipeFor } from "../recipe.ts";

/** OpenSSL 3.5, the long-term version: TLS for curl, and through the shim for msquic. */
export const openssl: RecipeFor = () => ({
  name: "openssl",
  half: "net",
  unpack: ["openssl"],
  sources: [],
  // The options it is configured with.
  config: true,
  configure: configureOpenssl,
  configuredBy: ["scripts/build/third-party/openssl.ts"],
  users: { include: ["openssl/include"], configured: ["include"] },
});
