/**
 * Sources that are equal, as a record.
 * @module
 */
import type { ErrorCode } from "../errors.ts";
import type { Proof } from "../ffi/layout.gen.ts";
import { isUtf8 } from "../units/utf8.ts";
import { GroupPartRecord, type AnyRecord } from "../records.gen.ts";

/** Why the content of a source is not known. */
export interface GroupError {
  code: ErrorCode;
  /** The system's error number, where there is one. */
  errno?: number;
  message?: string;
}

/** The JSON shape of {@link GroupRecord}; docs/records.md describes it. */
export interface GroupJson {
  v: 1;
  type: "group";
  id: number;
  members?: (string | null)[];
  members_b64?: (string | null)[];
  sources: number[];
  proof?: Proof;
  error?: GroupError;
}

/** What a source is called; nothing for bytes and streams. */
export interface SourceName {
  readonly text?: string | undefined;
  /** Where the text does not say it all. */
  readonly bytes?: Uint8Array | undefined;
}

const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** Sources that are equal, or one that is equal to no other, or one whose content is not known (`error`). */
export class GroupRecord {
  readonly v = 1;
  readonly type = "group";
  /** Number of the group, from 0, in the order of their first members. */
  readonly id: number;
  /** The places of the members among all sources, from 0, in order. */
  readonly sources: readonly number[];
  /** How they were proven equal, where there are several. */
  readonly proof?: Proof;
  /** Why the content of the only member is not known. */
  readonly error?: GroupError;
  readonly #names: readonly SourceName[];

  /** @internal */
  constructor(part: GroupPartRecord, sources: readonly number[], names: readonly SourceName[]) {
    const { id, proof, error } = part;
    this.id = id;
    this.sources = sources;
    if (proof) this.proof = proof;
    if (error) this.error = error;
    this.#names = names;
  }

  /** The members by name, null for bytes and streams. Bytes that are not UTF-8 appear as U+FFFD. */
  get members(): (string | null)[] {
    return this.sources.map((i) => this.#names[i]?.text ?? null);
  }

  /** The record as `--json` prints it. */
  toJSON(): GroupJson {
    const names = this.sources.map((i) => this.#names[i]);
    const odd = names.some((name) => name?.bytes && !isUtf8(name.bytes));
    const base64 = (name: SourceName | undefined) =>
      name?.text === undefined ? null : Buffer.from(name.bytes ?? Buffer.from(name.text)).toString("base64");
    return {
      v: 1,
      type: "group",
      id: this.id,
      ...(odd ? { members_b64: names.map(base64) } : { members: this.members }),
      sources: [...this.sources],
      ...(this.proof && { proof: this.proof }),
      ...(this.error && { error: this.error }),
    };
  }

  /** What console.log shows: the JSON shape. */
  [INSPECT](): GroupJson {
    return this.toJSON();
  }
}

/** Joins the parts of groups, which come one behind the other. */
export class GroupJoiner {
  readonly #names: readonly SourceName[];
  #sources: number[] = [];

  constructor(names: readonly SourceName[]) {
    this.#names = names;
  }

  /** The group that this part completes, if it does. */
  add(record: AnyRecord): GroupRecord | undefined {
    if (!(record instanceof GroupPartRecord)) return undefined;
    const members = record.members;
    const sources = this.#sources.length === 0 ? members : [...this.#sources, ...members];
    this.#sources = record.more ? sources : [];
    return record.more ? undefined : new GroupRecord(record, sources, this.#names);
  }
}
