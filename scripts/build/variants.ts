// The variants of the library: the same sources, other flags. All of them compile only our own C.

/** Names of the variants. */
export const variantNames = ["release", "debug", "asan", "tsan", "fuzz"] as const;

/** One of {@link variantNames}. */
export type VariantName = (typeof variantNames)[number];

/** What a variant adds to the common flags. */
export interface Variant {
  readonly about: string;
  readonly compile: readonly string[];
  readonly link: readonly string[];
  /** Set when the compiler links a sanitizer's runtime in. */
  readonly sanitizer?: "address,undefined" | "thread" | "fuzzer,address,undefined";
}

// Some distributions turn _FORTIFY_SOURCE on by default; its checked twins of libc functions hide accesses from sanitizers.
const sanitizing = ["-O1", "-g", "-fno-omit-frame-pointer", "-U_FORTIFY_SOURCE"];

/** The table of variants. */
export const variants: Record<VariantName, Variant> = {
  release: {
    about: "what ships: optimised and stripped",
    // Without symbols, which would be stripped again and take a quarter of the time.
    compile: ["-O2"],
    link: ["-O2", "-Wl,-s"],
  },
  debug: {
    about: "for a debugger: not optimised, with symbols",
    compile: ["-O0", "-g3", "-DCORE_DEBUG=1"],
    link: [],
  },
  asan: {
    about: "AddressSanitizer and UndefinedBehaviorSanitizer",
    compile: [...sanitizing, "-DCORE_DEBUG=1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    link: ["-fsanitize=address,undefined"],
    sanitizer: "address,undefined",
  },
  tsan: {
    about: "ThreadSanitizer",
    compile: [...sanitizing, "-DCORE_DEBUG=1", "-fsanitize=thread"],
    link: ["-fsanitize=thread"],
    sanitizer: "thread",
  },
  fuzz: {
    about: "libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, with clang",
    // Without libFuzzer's own main, which the fuzz targets alone are linked with.
    compile: [
      ...sanitizing,
      "-DCORE_DEBUG=1",
      "-fsanitize=fuzzer-no-link,address,undefined",
      "-fno-sanitize-recover=all",
    ],
    link: ["-fsanitize=address,undefined"],
    sanitizer: "fuzzer,address,undefined",
  },
};
