// The line of counts that ends a comparison on a terminal.
import { describe, expect, test } from "bun:test";
import type { PairResult, TreeSummary } from "../../src/index.ts";
import { countsLine } from "../../src/report/compare-counts.ts";

function tree(counts: Partial<TreeSummary["counts"]>): TreeSummary {
  const all = { equal: 0, different: 0, onlyLeft: 0, onlyRight: 0, unknown: 0, ...counts };
  const differs = all.different + all.onlyLeft + all.onlyRight > 0;
  const verdict = differs ? "different" : all.unknown > 0 ? "unknown" : "equal";
  return { kind: "tree", verdict, counts: all } as TreeSummary;
}

const pair = (verdict: PairResult["verdict"], size: PairResult["size"]) => ({ kind: "pair", verdict, size }) as PairResult;

describe("a tree", () => {
  test("that is the same says how much was", () => {
    expect(countsLine(tree({ equal: 20_000 }), false)).toBe("the same: 20,000 entries");
    expect(countsLine(tree({ equal: 1 }), false)).toBe("the same: 1 entry");
    expect(countsLine(tree({}), false)).toBe("the same: 0 entries");
  });

  test("that is not says how much is what, and leaves out what is not there", () => {
    const counts = { equal: 12_345, different: 50_000, onlyLeft: 3, onlyRight: 2, unknown: 1 };
    expect(countsLine(tree(counts), false)).toBe("50,000 different, 3 only in A, 2 only in B, 1 undecided, 12,345 the same");
    expect(countsLine(tree({ onlyRight: 2 }), false)).toBe("2 only in B");
    expect(countsLine(tree({ equal: 2, unknown: 1 }), false)).toBe("1 undecided, 2 the same");
  });

  test("of which not all was shown says so", () => {
    expect(countsLine(tree({ different: 5, equal: 9 }), false, 2)).toBe("5 different, 9 the same (the first 2 shown)");
    expect(countsLine(tree({ different: 2 }), false, 2)).toBe("2 different");
  });

  test("that was left half way is never the same", () => {
    expect(countsLine(tree({ equal: 7 }), true)).toBe("stopped; so far 7 the same");
    expect(countsLine(tree({}), true)).toBe("stopped; so far nothing was compared");
  });
});

describe("two files", () => {
  test("say how large they are when they are the same, and nothing otherwise: their line is there", () => {
    expect(countsLine(pair("equal", [2048, 2048]), false)).toBe("the same: 2.0 KiB");
    expect(countsLine(pair("equal", [null, null]), false)).toBe("the same");
    expect(countsLine(pair("different", [1, 2]), false)).toBeUndefined();
    expect(countsLine(pair("unknown", [null, null]), true)).toBeUndefined();
    expect(countsLine(undefined, true)).toBeUndefined();
  });
});
