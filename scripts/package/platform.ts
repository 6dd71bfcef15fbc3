// What npm calls the platforms that the native library is built for.

/** The fields by which package managers choose a platform package. */
export interface PlatformFields {
  os: string[];
  cpu: string[];
  libc?: string[];
}

/**
 * The fields for a target such as `linux-x64-gnu`.
 *
 * @throws Error for a target that has no package
 */
export function platformFields(target: string): PlatformFields {
  const [os, cpu, libc] = target.split("-");
  if (os !== "linux" || !cpu || !(libc === "gnu" || libc === "musl")) throw new Error(`no package for ${target}`);
  return { os: [os], cpu: [cpu], libc: [libc === "gnu" ? "glibc" : "musl"] };
}
