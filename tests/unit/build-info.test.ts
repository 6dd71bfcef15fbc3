// What the native library says about itself.
import { expect, test } from "bun:test";
import { repositoryRoot } from "../../scripts/build/layout.ts";
import { readPins } from "../../scripts/build/third-party/pins.ts";
import { buildInfo } from "../../src/build-info.ts";

test("version, compiler, half, SIMD, and each library in the version that is pinned", () => {
  const info = buildInfo().library;
  expect(Object.keys(info).slice(0, 5)).toEqual(["version", "abi", "compiler", "half", "simd"]);
  for (const { name, version } of readPins(repositoryRoot)) expect(`${name} ${info[name]}`).toBe(`${name} ${version}`);
});
