import { defines, type RecipeFor } from "../recipe.ts";

/** libcurl: HTTP/1.1 and HTTP/2 over OpenSSL. Which of its files apply, each decides for itself by macros. */
export const curl: RecipeFor = () => ({
  name: "curl",
  half: "net",
  unpack: ["curl/lib", "curl/include"],
  sources: [
    {
      from: "curl/lib",
      files: ["*.c", "{curlx,vauth,vdns,vquic,vssh,vtls}/*.c"],
      except: ["dllmain.c"],
      together: 4,
    },
  ],
  flags: [
    "-DHAVE_CONFIG_H",
    // It waits for the network, and what takes time is OpenSSL's and nghttp2's.
    "-O1",
    ...defines("_GNU_SOURCE BUILDING_LIBCURL USE_OPENSSL HAVE_OPENSSL3 USE_NGHTTP2 HAVE_LIBZ HAVE_ZSTD"),
  ],
  config: true,
  include: ["curl/lib"],
  uses: ["zlib-ng", "zstd", "openssl", "nghttp2"],
  users: { include: ["curl/include"], flags: ["-DCURL_STATICLIB"] },
});
