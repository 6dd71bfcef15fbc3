/**
 * What the generator knows about `core.h` after parsing it: the input of every
 * emitter. Nothing here depends on the C parser or on the output formats.
 */

/** One `@name text` of a doc comment. */
export interface Tag {
  name: string;
  text: string;
}

/** A doc comment without its stars: the prose before the first tag, and the tags. */
export interface Doc {
  text: string;
  tags: Tag[];
}

/** A fixed-width integer. */
export interface IntType {
  kind: "int";
  bits: 8 | 16 | 32 | 64;
  signed: boolean;
}

/** A pointer to integers, to a struct of the header or to an opaque handle. */
export interface PointerType {
  kind: "pointer";
  /** 1 for `T *`, 2 for the `handle **` through which a new handle leaves. */
  depth: 1 | 2;
  const: boolean;
  to: "int" | "struct" | "handle";
  /** The name of what is pointed to, without `struct`. */
  name: string;
}

/** A struct that is part of another struct. */
export interface EmbeddedType {
  kind: "struct";
  name: string;
}

/** What a function returns when it returns nothing. */
export interface VoidType {
  kind: "void";
}

/** Any type of the ABI. */
export type CType = IntType | PointerType | EmbeddedType | VoidType;

/** A member of a struct. */
export interface Field {
  name: string;
  type: IntType | PointerType | EmbeddedType;
  doc: Doc;
  line: number;
  /** Bytes from the start of the struct and length, as the C compiler lays it out. */
  offset: number;
  size: number;
}

/** A struct with members. */
export interface Struct {
  name: string;
  fields: Field[];
  doc: Doc;
  line: number;
  size: number;
}

/** One name of an enumeration. */
export interface Enumerator {
  name: string;
  value: number;
  doc: Doc;
  line: number;
}

/** An enumeration. */
export interface Enum {
  name: string;
  values: Enumerator[];
  doc: Doc;
  line: number;
}

/** A parameter of a function. */
export interface Param {
  name: string;
  type: IntType | PointerType;
}

/** A function that the library exports. */
export interface Func {
  name: string;
  params: Param[];
  returns: IntType | VoidType;
  doc: Doc;
  line: number;
}

/** The whole header. */
export interface Header {
  /** The name in messages, such as `libcore/include/core.h`. */
  file: string;
  abiVersion: number;
  functions: Func[];
  structs: Struct[];
  enums: Enum[];
  /** Names of the opaque handles. */
  handles: string[];
}

/** Something in the header that the generator refuses, with its place. */
export class HeaderError extends Error {
  override readonly name = "HeaderError";

  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
  }
}

/** The text of the first tag of that name, or undefined. */
export function tag(doc: Doc, name: string): string | undefined {
  return doc.tags.find((t) => t.name === name)?.text;
}

/** The struct of that name, or a HeaderError for the line that names it. */
export function structNamed(
  header: Header,
  name: string,
  line: number,
): Struct {
  const found = header.structs.find((s) => s.name === name);
  if (!found)
    throw new HeaderError(
      header.file,
      line,
      `no struct ${name} in this header`,
    );
  return found;
}

/** The enumeration of that name, or a HeaderError for the line that names it. */
export function enumNamed(header: Header, name: string, line: number): Enum {
  const found = header.enums.find((e) => e.name === name);
  if (!found)
    throw new HeaderError(header.file, line, `no enum ${name} in this header`);
  return found;
}
