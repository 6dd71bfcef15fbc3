import { defines, versionHeader, type RecipeFor } from "../recipe.ts";

/** nghttp3: HTTP/3 frames and QPACK, for our own HTTP/3 over msquic. */
export const nghttp3: RecipeFor = () => ({
  name: "nghttp3",
  half: "net",
  unpack: ["deps/nghttp3/lib"],
  sources: [{ from: "deps/nghttp3/lib", files: ["*.c", "sfparse/sfparse.c"] }],
  flags: defines(`_GNU_SOURCE HAVE_ARPA_INET_H HAVE_NETINET_IN_H HAVE_UNISTD_H HAVE_ENDIAN_H HAVE_BYTESWAP_H
    HAVE_DECL_BE64TOH HAVE_DECL_BSWAP_64`),
  include: ["deps/nghttp3/lib", "deps/nghttp3/lib/sfparse"],
  generate: ({ pin, read }) => ({
    "nghttp3/version.h": versionHeader(read("deps/nghttp3/lib/includes/nghttp3/version.h.in"), pin.version),
  }),
  users: { include: ["deps/nghttp3/lib/includes"], flags: ["-DNGHTTP3_STATICLIB"] },
});
