/**
 * C types as the ABI allows them: fixed-width integers, pointers to them, to
 * structs of the header and to opaque handles. Everything else is refused here.
 */
import type { Node } from "web-tree-sitter";
import { HeaderError, type CType } from "./model.ts";

/** What names mean at this point of the header. */
export interface Scope {
  file: string;
  handles: Set<string>;
  structs: Set<string>;
}

/** A declared name and its type. */
export interface Declared {
  name: string;
  type: CType;
}

/** The 1-based line of a node. */
export function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}

/** Throws a HeaderError for the line of `node`. */
export function refuse(scope: Scope, node: Node, message: string): never {
  throw new HeaderError(scope.file, lineOf(node), message);
}

/** Reads the type and name of a parameter, a member or a function. */
export function readDeclared(
  scope: Scope,
  node: Node,
  declarator: Node | null,
): Declared {
  let depth = 0;
  let inner = declarator;
  while (
    inner?.type === "pointer_declarator" ||
    inner?.type === "abstract_pointer_declarator"
  ) {
    if (inner.namedChildren.some((child) => child.type === "type_qualifier")) {
      refuse(
        scope,
        inner,
        "a qualifier after the star is not part of the ABI subset",
      );
    }
    depth += 1;
    inner = inner.childForFieldName("declarator");
  }
  if (
    inner &&
    inner.type !== "identifier" &&
    inner.type !== "field_identifier"
  ) {
    refuse(scope, inner, describeDeclarator(inner));
  }
  return { name: inner?.text ?? "", type: readType(scope, node, depth) };
}

function describeDeclarator(node: Node): string {
  if (
    node.type.includes("function_declarator") ||
    node.type.includes("parenthesized")
  ) {
    return "function pointers (callbacks) do not cross the ABI";
  }
  if (node.type.includes("array_declarator"))
    return "arrays do not cross the ABI: use a pointer and a length";
  return `unexpected ${node.type.replaceAll("_", " ")}`;
}

function readType(scope: Scope, node: Node, depth: number): CType {
  const base = node.childForFieldName("type");
  if (!base) return refuse(scope, node, "a type is missing");
  const qualifiers = node.namedChildren.filter(
    (child) => child.type === "type_qualifier",
  );
  const odd = qualifiers.find((child) => child.text !== "const");
  if (odd) refuse(scope, odd, `${odd.text} is not part of the ABI subset`);
  const isConst = qualifiers.length > 0;

  const int = /^(u?)int(8|16|32|64)_t$/.exec(base.text);
  if (int) {
    const type = {
      kind: "int",
      bits: Number(int[2]) as 8 | 16 | 32 | 64,
      signed: int[1] === "",
    } as const;
    if (depth === 0) return type;
    if (depth > 1)
      refuse(
        scope,
        node,
        `pointer to pointer to ${base.text} does not cross the ABI`,
      );
    return {
      kind: "pointer",
      depth: 1,
      const: isConst,
      to: "int",
      name: base.text,
    };
  }
  if (base.type === "struct_specifier")
    return readStructUse(scope, node, base, depth, isConst);
  if (base.type === "type_identifier" && scope.handles.has(base.text)) {
    if (depth === 0)
      refuse(
        scope,
        node,
        `handle ${base.text} by value: handles cross as pointers`,
      );
    if (depth > 2)
      refuse(scope, node, `more than two stars on handle ${base.text}`);
    return {
      kind: "pointer",
      depth: depth as 1 | 2,
      const: isConst,
      to: "handle",
      name: base.text,
    };
  }
  if (base.text === "void" && depth === 0) return { kind: "void" };
  return refuse(
    scope,
    base,
    `type ${base.text}${"*".repeat(depth)} does not cross the ABI: only fixed-width integers, pointers and handles do`,
  );
}

function readStructUse(
  scope: Scope,
  node: Node,
  base: Node,
  depth: number,
  isConst: boolean,
): CType {
  const name = base.childForFieldName("name")?.text;
  if (!name || base.childForFieldName("body")) {
    return refuse(
      scope,
      base,
      "a struct is defined at the top level and used by its name",
    );
  }
  if (!scope.structs.has(name))
    refuse(scope, base, `struct ${name} is not defined above`);
  if (depth > 1)
    refuse(
      scope,
      node,
      `pointer to pointer to struct ${name} does not cross the ABI`,
    );
  return depth === 0
    ? { kind: "struct", name }
    : { kind: "pointer", depth: 1, const: isConst, to: "struct", name };
}
