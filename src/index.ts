/**
 * suite as a library.
 * @module
 */
export { compare, compareSync, type SyncSource } from "./compare/compare.ts";
export { compareDir, compareDirSync, type CompareDirOptions, type DiffReason, type DirResult } from "./compare/dir.ts";
export { compareArchive, compareArchiveSync } from "./compare/archive.ts";
export {
  compareAll,
  compareAllSync,
  compareMany,
  compareManySync,
  type AllResult,
  type CompareResult,
  type ManyOptions,
  type SourceError,
} from "./compare/many.ts";
export { GroupRecord, type GroupError, type GroupJson } from "./compare/group.ts";
export { writeManifest, writeManifestSync, type ManifestResult, type WriteManifestOptions } from "./compare/manifest.ts";
export { configure } from "./compare/configure.ts";
export { compareDirUrls, compareDirUrlsSync } from "./compare/urls.ts";
export { compareRanges, compareRangesSync, type ByteRange, type CompareRangesOptions, type RangesResult } from "./compare/ranges.ts";
export { compareRenames, compareRenamesSync, type CompareRenamesOptions, type Rename, type RenamesResult } from "./compare/renames.ts";
export type { ArchiveLimits, CompareOptions } from "./compare/options.ts";
export type { Counts, PairResult, TreeSummary } from "./compare/result.ts";
export {
  ArchiveBombError,
  ArchiveError,
  CancelledError,
  ClosedError,
  ComparisonTimeoutError,
  ConfigError,
  LimitError,
  ManifestError,
  MemoryError,
  NameCollisionError,
  NativeError,
  SourceNotFoundError,
  SearchError,
  SourceReadError,
  SuiteError,
  UnsupportedError,
  UsageError,
  VerifyError,
  WriteError,
  type ErrorCode,
} from "./errors.ts";
export { find, findSync, type FindFailure, type FindResult } from "./find/find.ts";
export { Found, type FoundJson } from "./find/entry.ts";
export { gitIgnoreSettings, type GitIgnoreSettings } from "./find/git-config.ts";
export type { FindOptions, FindType, IgnoreOptions } from "./find/options.ts";
export type { FilterOptions } from "./filter/filter.ts";
export type { Kind, Metadata, Proof, Reason, Status, Verdict } from "./ffi/layout.gen.ts";
export {
  DigestRecord,
  EntryRecord,
  ErrorRecord,
  LogRecord,
  RangeRecord,
  RenameRecord,
  type DigestJson,
  type EntryJson,
  type LogJson,
  type RangeJson,
  type RenameJson,
} from "./records.gen.ts";
export { Run, type RunProgress } from "./run.ts";
export { manifest, type Manifest, type ManifestFormat } from "./tree/manifest.ts";
export { pathSource, type PathSource, type Source, type TreeSource } from "./tree/source.ts";
export { urlMap, type UrlMap, type UrlTree } from "./tree/map.ts";
export { source, type ProxyOptions, type SourceSpec, type UrlOptions, type UrlSource } from "./tree/url.ts";
