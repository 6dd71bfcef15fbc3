// The compiler and linker flags of libcore that do not depend on the variant (variants.ts has those that do).
// Third-party code takes `baseFlags` and its own definitions, and none of the warnings; see third-party/expand.ts.

/** How every object of the library is compiled, whoever wrote it. */
export const baseFlags: readonly string[] = [
  "-pipe",
  "-fPIC",
  // Only what core.map lists leaves the library; calls inside it need no indirection.
  "-fvisibility=hidden",
  "-fno-semantic-interposition",
  "-ffunction-sections",
  "-fdata-sections",
  "-fno-plt",
  "-pthread",
];

/** The language and include paths of our own C. Debug information is a matter of the variant. */
export const ownFlags: readonly string[] = ["-std=c17", "-D_GNU_SOURCE", "-Ilibcore/include", "-Ilibcore/src"];

/** What our own C has to be clean of, with gcc and with clang. */
export const warningFlags: readonly string[] = [
  "-Werror",
  "-Wall",
  "-Wextra",
  "-Wconversion",
  "-Wsign-conversion",
  "-Wshadow",
  "-Wvla",
  "-Wstrict-prototypes",
  "-Wmissing-prototypes",
  "-Wpointer-arith",
  "-Wundef",
  "-Wcast-qual",
  "-Wwrite-strings",
];

/** The libraries of the system that everything of ours links with: parts of libc, no third party. */
export const systemLibraries: readonly string[] = ["-lpthread", "-ldl", "-lm"];

/** The version script: the list of what the library exports. */
export const versionScript = "libcore/core.map";

/** How libcore.so is linked. */
export const libraryLinkFlags: readonly string[] = [
  "-shared",
  `-Wl,--version-script=${versionScript}`,
  "-Wl,--gc-sections",
  "-Wl,-Bsymbolic",
  "-Wl,-z,relro",
  "-Wl,-z,now",
  "-Wl,-z,noexecstack",
  // Its threads outlive any handle, so the library must never be unmapped.
  "-Wl,-z,nodelete",
  "-Wl,-soname,libcore.so",
];

/** Paths of this machine must not enter an object, or two checkouts would not give the same bytes. */
export function prefixMap(root: string): string {
  return `-ffile-prefix-map=${root}=.`;
}
