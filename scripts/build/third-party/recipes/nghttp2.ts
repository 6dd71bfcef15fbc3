import { defines, versionHeader, type RecipeFor } from "../recipe.ts";

// nghttp3 carries another version of the same parser under the same names: without names of its own, the linker would
// take one of the two for both.
const parser = `base64decode parser_dict parser_init parser_inner_list parser_item parser_list parser_param pctdecode
  unescape`.split(/\s+/);

/** nghttp2: HTTP/2 frames for curl. */
export const nghttp2: RecipeFor = () => ({
  name: "nghttp2",
  half: "net",
  unpack: ["nghttp2/lib"],
  sources: [{ from: "nghttp2/lib", files: ["*.c"] }],
  flags: [
    ...parser.map((name) => `-Dsfparse_${name}=nghttp2_sfparse_${name}`),
    ...defines("HAVE_NETINET_IN_H HAVE_ARPA_INET_H HAVE_TIME_H HAVE_CLOCK_GETTIME HAVE_DECL_CLOCK_MONOTONIC"),
  ],
  generate: ({ pin, read }) => ({
    "nghttp2/nghttp2ver.h": versionHeader(read("nghttp2/lib/includes/nghttp2/nghttp2ver.h.in"), pin.version),
  }),
  users: { include: ["nghttp2/lib/includes"], flags: ["-DNGHTTP2_STATICLIB"] },
});
