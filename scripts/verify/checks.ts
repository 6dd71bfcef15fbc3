// The layers that are one check each: setup, the build, and what the tools of Bun say about the sources.
import { BuildError } from "../build/errors.ts";
import { buildNative } from "../build/native.ts";
import { ensureDependencies, ensureExtras, ensureTools, SetupError, verifyTools } from "../setup.ts";
import { oneFailed, onePassed, type Layer } from "./layer.ts";
import { run } from "./process.ts";

/** System tools and locked packages are here. */
export const setupLayer: Layer = {
  name: "setup",
  about: "system tools and locked packages",
  async run({ root }) {
    try {
      ensureTools(verifyTools);
      ensureExtras();
      await ensureDependencies({ root });
      return onePassed;
    } catch (error) {
      if (error instanceof SetupError) return oneFailed("setup", error.message);
      throw error;
    }
  },
};

/** The library that ships builds, and so do the programs the other layers use. */
export const nativeLayer: Layer = {
  name: "native",
  about: "libcore, release",
  async run({ root }) {
    try {
      await buildNative({ root, tests: true });
      return onePassed;
    } catch (error) {
      if (error instanceof BuildError) return oneFailed("native build", `${error.message}\n${error.hint ?? ""}`);
      throw error;
    }
  },
};

/** A layer that holds when a command ends with 0. */
export function commandLayer(name: string, about: string, argv: readonly string[]): Layer {
  return {
    name,
    about,
    async run(context) {
      const ended = await run({ argv, seconds: 300 }, context);
      return ended.ok ? onePassed : oneFailed(`${name}: ${ended.how}`, ended.output);
    },
  };
}
