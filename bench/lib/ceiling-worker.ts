// One thread of the ceiling: compares blocks of the size it is sent, and answers the rate.
import { compareRate } from "./ceiling.ts";

declare const self: Worker;

self.addEventListener("message", ({ data }: MessageEvent<number>) => {
  self.postMessage(compareRate(data, 4));
});
