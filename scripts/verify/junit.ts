// Reads the JUnit report of `bun test`: which tests passed, failed and were skipped, by name.
import type { Outcome } from "./layer.ts";

/** Counts and names of a report; a failure's detail is the message in the report. */
export function readJunit(xml: string): Outcome {
  let passed = 0;
  const failures = [];
  const skips = [];
  // The report is flat enough for this: a testcase holds at most one failure or skipped element, and text is escaped.
  for (const [, head = "", body = ""] of xml.matchAll(/<testcase\s([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = [attribute(head, "classname"), attribute(head, "name")].filter((part) => part !== "").join(" > ");
    const skipped = /<skipped\b([^>]*)>/.exec(body);
    if (skipped !== null) skips.push({ name, reason: attribute(skipped[1] ?? "", "message") || "skipped by the test" });
    else if (/<(failure|error)\b/.test(body)) failures.push({ name, detail: failureText(body) });
    else passed++;
  }
  return { passed, failures, skips };
}

function failureText(body: string): string {
  const [, head = "", text = ""] =
    /<(?:failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/.exec(body) ?? [];
  return unescape(text).trim() || attribute(head, "message");
}

function attribute(head: string, name: string): string {
  const match = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(head);
  return unescape(match?.[1] ?? "");
}

const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return entities[name ?? ""] ?? whole;
    },
  );
}
