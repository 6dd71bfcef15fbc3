// What a recipe says about a library: which of its files are compiled, how, and what its users need. A recipe is data;
// the code that turns it into commands is expand.ts.
import type { Compiler } from "../toolchain.ts";
import type { Pin } from "./pins.ts";

/** `file`: archives, hashes, patterns, encryption. `net`: TLS, HTTP and QUIC on top. */
export type Half = "file" | "net";

/** What a recipe may depend on. */
export interface Platform {
  readonly target: string;
  readonly arch: "x64" | "arm64";
  readonly libc: "gnu" | "musl";
}

/** Files of one folder that are compiled alike. */
export interface Sources {
  /** A folder in the package; `.` is the package itself. */
  readonly from: string;
  /** Glob patterns below it. */
  readonly files: readonly string[];
  /** Glob patterns of files that `files` would find and that are not wanted. */
  readonly except?: readonly string[];
  /** Added to the flags of the library. */
  readonly flags?: readonly string[];
  /** Set where a file is compiled more than once: tells its objects apart. */
  readonly as?: string;
  /**
   * Compiled as so many files that include the others, which spares reading the same headers again and again. For those
   * libraries whose own build can do so.
   */
  readonly together?: number;
}

/** One compile: a file, and how. Paths are relative to the root. */
export interface Unit {
  readonly source: string;
  /** Name of the object, unique in the library. */
  readonly object: string;
  readonly flags: readonly string[];
  /** Bytes of source, where they are in other files than `source`: what is large is compiled first. */
  readonly weight?: number;
}

/** What {@link Recipe.generate} can look at. */
export interface GenerateContext {
  readonly pin: Pin;
  /** The text of a file in the package. */
  readonly read: (path: string) => string;
}

/** How a library configures itself, for those that cannot be described as a list of files. */
export interface ConfigureContext {
  readonly root: string;
  /** The unpacked package, relative to the root. */
  readonly source: string;
  /** A folder of this library alone, relative to the root; it stays for its headers. */
  readonly folder: string;
  readonly platform: Platform;
  readonly compiler: Compiler;
  readonly jobs: number;
}

/** One library. */
export interface Recipe {
  /** As in deps.toml. */
  readonly name: string;
  readonly half: Half;
  /** Folders and files of the package to unpack. */
  readonly unpack: readonly string[];
  /** Files that have to be there and may as well be empty, in parts that are not unpacked. */
  readonly empty?: readonly string[];
  /** Archives inside the package; each becomes a folder named like it without `.tar.gz`. */
  readonly archives?: readonly string[];
  readonly sources: readonly Sources[];
  /** For all of its files. */
  readonly flags?: readonly string[];
  /** Folders of the package for its own `#include`; those that begin with `@generated/` are of `generate`. */
  readonly include?: readonly string[];
  /** Whether it reads headers or options of ours, in libcore/third_party/config/NAME. */
  readonly config?: boolean;
  /** Headers of ours, relative to the root, that each of its files includes first. */
  readonly force?: readonly string[];
  /** Headers and sources that its own build would make from templates: name and text, for itself and for its users. */
  readonly generate?: (context: GenerateContext) => Readonly<Record<string, string>>;
  /** Runs the library's own configuration; gives the compiles. */
  readonly configure?: (context: ConfigureContext) => Promise<readonly Unit[]>;
  /**
   * The scripts that `configure` consists of, relative to the root: what they say, comments left out, decides like a
   * flag whether the library is built again.
   */
  readonly configuredBy?: readonly string[];
  /** Names of the libraries whose headers it reads. */
  readonly uses?: readonly string[];
  /** What our own C, and libraries that use it, are compiled with. */
  readonly users?: {
    /** Folders of the package. */
    readonly include?: readonly string[];
    /** Folders that `configure` makes. */
    readonly configured?: readonly string[];
    readonly flags?: readonly string[];
  };
}

/** A recipe that differs between platforms. */
export type RecipeFor = (platform: Platform) => Recipe;

/** `NAME=1` definitions, for the long lists of features. */
export function defines(names: string): string[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => (name.includes("=") ? `-D${name}` : `-D${name}=1`));
}

/** A version header as autotools and CMake make it: the version as text and as a number with a byte for each part. */
export function versionHeader(template: string, version: string): string {
  const bytes = version.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return template
    .replaceAll("@PACKAGE_VERSION@", version)
    .replaceAll("@PACKAGE_VERSION_NUM@", `0x${bytes.join("")}`)
    .replaceAll("\r\n", "\n");
}
