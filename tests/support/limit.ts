// The time limit of one test: for what hangs, generous enough for a machine that does something else as well.
import { setDefaultTimeout } from "bun:test";

setDefaultTimeout(60_000);
