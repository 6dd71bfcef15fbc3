#!/usr/bin/env bun
/**
 * `suite`: runs the command, and ends with its exit code.
 * @module
 */
import { COMMANDS } from "./commands/index.ts";
import { runSuite } from "./kit/suite.ts";

// Not process.exit(): what is still on its way to a pipe would be lost.
process.exitCode = await runSuite({ commands: COMMANDS, called: process.argv0 }, process.argv.slice(2));
