/**
 * What a comparison comes to.
 * @module
 */
import type { SuiteError } from "../errors.ts";
import { check } from "../ffi/handle.ts";
import {
  COMPARE_SUMMARY_SIZE,
  decodeCompareSummary,
  REASON_WORDS,
  PROOF_WORDS,
  VERDICT_WORDS,
  type CompareSummary,
  type Metadata,
  type Proof,
  type Reason,
  type Verdict,
} from "../ffi/layout.gen.ts";
import { core } from "../ffi/load.ts";
import type { AllOptions } from "./options.ts";
import type { NativeRun } from "../ffi/native-run.ts";

/** Entries by status. */
export interface Counts {
  equal: number;
  different: number;
  onlyLeft: number;
  onlyRight: number;
  unknown: number;
}

/** What both kinds of result say. */
interface Common {
  /** `equal` only when every byte and name is proven equal; `unknown` when something could not be read. */
  verdict: Verdict;
  /** `verdict` is `equal`. */
  equal: boolean;
  counts: Counts;
  /** Equal entries by how they were proven. */
  proofs: Partial<Record<Proof, number>>;
  /** What was compared of each entry. */
  compared: readonly ("content" | Metadata)[];
  bytesRead: number;
  /** Bytes that a proof made it needless to read. */
  bytesAvoided: number;
  elapsedMs: number;
  /** The iteration was left before the end, so that only what was found until then counts. */
  cancelled: boolean;
}

/** The result of comparing two files. */
export interface PairResult extends Common {
  kind: "pair";
  /** Offset of the first byte that differs, from 0; where it was looked for. */
  offset?: number;
  /** Line of that byte, from 1; where it was looked for. */
  line?: number;
  /** The shorter side is a prefix of the other and ends right behind a line end. */
  lineStart: boolean;
  /** Bytes that differ, with `ranges`. */
  differing: number;
  reasons: Reason[];
  proof?: Proof;
  size: [left: number | null, right: number | null];
}

/** The result of comparing two trees. */
export interface TreeSummary extends Common {
  kind: "tree";
  /**
   * Entries that are not as the manifest on one side promises: those of error E_VERIFY. They are among the different
   * and one-sided ones.
   */
  broken: number;
  /** Pairs of names of one content, where they were looked for. */
  renamed?: number;
  /** One-sided files that were not looked at: beyond the limit, unreadable, or changed while they were read. */
  renamesSkipped?: number;
}

function readSummary(run: NativeRun): CompareSummary {
  const bytes = new Uint8Array(COMPARE_SUMMARY_SIZE);
  check("compare", core().core_compare_result(run.pointer, bytes));
  return decodeCompareSummary(new DataView(bytes.buffer));
}

function proofsOf(s: CompareSummary): Partial<Record<Proof, number>> {
  const all: [Proof, number][] = [
    ["bytes", s.proofBytes],
    ["same_inode", s.proofSameInode],
    ["holes", s.proofHoles],
    ["target", s.proofTarget],
    ["kind", s.proofKind],
    ["same_extents", s.proofSameExtents],
    ["digest", s.proofDigest],
    ["hash:blake3", s.proofHashBlake3],
    ["hash:sha256", s.proofHashSha256],
  ];
  return Object.fromEntries(all.filter(([, n]) => n > 0));
}

/**
 * The result of a run that has ended, whatever it came to. What stopped it is
 * the caller's to throw.
 */
export function resultOf(
  run: NativeRun,
  cancelled: boolean,
  metadata: readonly Metadata[],
  renames: boolean,
): PairResult | TreeSummary {
  const s = readSummary(run);
  const verdict = VERDICT_WORDS[s.verdict] ?? "unknown";
  const common: Common = {
    verdict,
    equal: verdict === "equal",
    counts: {
      equal: s.equal,
      different: s.different,
      onlyLeft: s.onlyLeft,
      onlyRight: s.onlyRight,
      unknown: s.unknown,
    },
    proofs: proofsOf(s),
    compared: ["content", ...metadata],
    bytesRead: s.bytesRead,
    bytesAvoided: s.bytesAvoided,
    elapsedMs: s.elapsedNs / 1e6,
    cancelled,
  };
  if (s.tree) {
    const found = renames && { renamed: s.renamed, renamesSkipped: s.renamesSkipped };
    return { kind: "tree", ...common, broken: s.broken, ...found };
  }
  const proof = PROOF_WORDS[s.proof];
  return {
    kind: "pair",
    ...common,
    ...(s.offset !== null && { offset: s.offset }),
    ...(s.line > 0 && { line: s.line }),
    ...(proof && { proof }),
    lineStart: s.lineStart !== 0,
    differing: s.differing,
    reasons: REASON_WORDS.filter(([bit]) => s.reasons & bit).map(([, word]) => word),
    size: [s.sizeLeft, s.sizeRight],
  };
}

/** As {@link resultOf}, but throws what stopped the run, with the result so far, unless the consumer did. */
export function finishCompare(
  run: NativeRun,
  failure: SuiteError | undefined,
  stopped: boolean,
  { metadata = [], renames = false }: Pick<AllOptions, "metadata" | "renames">,
): PairResult | TreeSummary {
  const cancelled = failure?.code === "E_CANCELLED" && stopped;
  const result = resultOf(run, cancelled, metadata, renames);
  if (failure && !cancelled) {
    failure.partial = result;
    throw failure;
  }
  return result;
}
