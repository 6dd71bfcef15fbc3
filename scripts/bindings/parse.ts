/**
 * Reads the preprocessed header with tree-sitter's C grammar and refuses, with
 * file and line, whatever is outside the ABI subset.
 */
import { Language, Parser, type Node } from "web-tree-sitter";
import { lineOf, readDeclared, refuse, type Scope } from "./ctype.ts";
import { NO_DOC, parseDoc } from "./doc.ts";
import type { Doc, Enum, Field, Func, Header, Param, Struct } from "./model.ts";

/** A header whose sizes, offsets and values the C compiler has not filled in yet. */
export type UnmeasuredHeader = Omit<Header, "abiVersion">;

/** Parses `text`; `file` is the name used in messages. */
export async function parseHeader(
  text: string,
  file: string,
): Promise<UnmeasuredHeader> {
  const parser = await cParser();
  const tree = parser.parse(text);
  if (!tree) throw new Error(`${file}: the C parser gave no tree`);
  const scope: Scope = { file, handles: new Set(), structs: new Set() };
  const header: UnmeasuredHeader = {
    file,
    functions: [],
    structs: [],
    enums: [],
    handles: [],
  };
  try {
    refuseSyntaxErrors(scope, tree.rootNode);
    for (const { node, doc } of declarations(scope, tree.rootNode))
      readTopLevel(scope, header, node, doc);
  } finally {
    tree.delete();
    parser.delete();
  }
  return header;
}

async function cParser(): Promise<Parser> {
  await Parser.init();
  const grammar = Bun.fileURLToPath(
    import.meta.resolve("tree-sitter-c/tree-sitter-c.wasm"),
  );
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return parser;
}

function refuseSyntaxErrors(scope: Scope, root: Node): void {
  if (!root.hasError) return;
  const cursor = [root];
  for (let node = cursor.pop(); node; node = cursor.pop()) {
    if (node.isError)
      refuse(scope, node, `not understood as C: ${node.text.split("\n")[0]}`);
    if (node.isMissing)
      refuse(scope, node, `not understood as C: ${node.type} is missing`);
    // Reversed, so that the first error in the file is the one reported.
    cursor.push(
      ...node.children
        .filter((child) => child.hasError || child.isMissing)
        .reverse(),
    );
  }
}

/**
 * The named children of a block with the doc comment that stands directly
 * above each. A doc comment further up belongs to something else, such as a
 * macro that the preprocessor has removed.
 */
function* declarations(
  scope: Scope,
  block: Node,
): Generator<{ node: Node; doc: Doc }> {
  let comment: Node | undefined;
  for (const node of block.namedChildren) {
    if (node.type === "comment") {
      comment = node;
      continue;
    }
    const near =
      comment?.text.startsWith("/**") &&
      comment.endPosition.row >= node.startPosition.row - 1;
    yield {
      node,
      doc:
        comment && near
          ? parseDoc(comment.text, scope.file, lineOf(comment))
          : NO_DOC,
    };
    comment = undefined;
  }
}

function readTopLevel(
  scope: Scope,
  header: UnmeasuredHeader,
  node: Node,
  doc: Doc,
): void {
  switch (node.type) {
    case "struct_specifier":
      header.structs.push(readStruct(scope, node, doc));
      break;
    case "enum_specifier":
      header.enums.push(readEnum(scope, node, doc));
      break;
    case "type_definition":
      header.handles.push(readHandle(scope, node));
      break;
    case "declaration":
      header.functions.push(readFunction(scope, node, doc));
      break;
    default:
      refuse(
        scope,
        node,
        `${node.type.replaceAll("_", " ")} is not part of the ABI subset`,
      );
  }
}

/** `typedef struct core_x core_x;`, the one use of typedef. */
function readHandle(scope: Scope, node: Node): string {
  const type = node.childForFieldName("type");
  const name = node.childForFieldName("declarator");
  const same =
    type?.type === "struct_specifier" &&
    type.childForFieldName("name")?.text === name?.text;
  if (!same || !name || type.childForFieldName("body")) {
    return refuse(
      scope,
      node,
      "typedef is for opaque handles only: typedef struct core_x core_x;",
    );
  }
  scope.handles.add(name.text);
  return name.text;
}

function readStruct(scope: Scope, node: Node, doc: Doc): Struct {
  const name = node.childForFieldName("name")?.text;
  const body = node.childForFieldName("body");
  if (!name || !body)
    return refuse(
      scope,
      node,
      "a struct needs a name and members; handles are typedefs",
    );
  const fields: Field[] = [];
  for (const member of declarations(scope, body))
    fields.push(readField(scope, member.node, member.doc));
  scope.structs.add(name);
  return { name, fields, doc, line: lineOf(node), size: 0 };
}

function readField(scope: Scope, node: Node, doc: Doc): Field {
  if (node.type !== "field_declaration")
    refuse(scope, node, `${node.type.replaceAll("_", " ")} in a struct`);
  const bits = node.namedChildren.find(
    (child) => child.type === "bitfield_clause",
  );
  if (bits) refuse(scope, bits, "bitfields do not cross the ABI");
  const names = node.childrenForFieldName("declarator");
  if (names.length !== 1) refuse(scope, node, "one member per declaration");
  const { name, type } = readDeclared(scope, node, names[0] ?? null);
  if (type.kind === "void")
    return refuse(scope, node, "a member cannot be void");
  return { name, type, doc, line: lineOf(node), offset: 0, size: 0 };
}

function readEnum(scope: Scope, node: Node, doc: Doc): Enum {
  const name = node.childForFieldName("name")?.text;
  const body = node.childForFieldName("body");
  if (!name || !body)
    return refuse(scope, node, "an enum needs a name and values");
  const values: Enum["values"] = [];
  for (const { node: item, doc: itemDoc } of declarations(scope, body)) {
    const itemName = item.childForFieldName("name")?.text;
    if (item.type !== "enumerator" || !itemName)
      return refuse(scope, item, "unexpected in an enum");
    // Without a value, inserting a line would renumber everything below it.
    if (!item.childForFieldName("value"))
      refuse(scope, item, `${itemName} needs an explicit value`);
    values.push({ name: itemName, value: 0, doc: itemDoc, line: lineOf(item) });
  }
  return { name, values, doc, line: lineOf(node) };
}

function readFunction(scope: Scope, node: Node, doc: Doc): Func {
  const storage = node.namedChildren.find(
    (child) => child.type === "storage_class_specifier",
  );
  if (storage)
    refuse(scope, storage, `${storage.text} is not part of the ABI subset`);
  const declarators = node.childrenForFieldName("declarator");
  const declarator = declarators[0];
  if (declarators.length !== 1 || !declarator)
    return refuse(scope, node, "one declaration at a time");
  const inner = declarator.childForFieldName("declarator");
  if (
    declarator.type !== "function_declarator" ||
    inner?.type !== "identifier"
  ) {
    return refuse(
      scope,
      node,
      "only functions that return an integer or nothing are declared here",
    );
  }
  const returns = readDeclared(scope, node, null).type;
  if (returns.kind !== "int" && returns.kind !== "void") {
    return refuse(
      scope,
      node,
      `${inner.text} returns a ${returns.kind} by value: results leave through out-parameters`,
    );
  }
  if (returns.kind === "int" && returns.bits === 64) {
    refuse(
      scope,
      node,
      `${inner.text} returns 64 bits: counts leave through out-parameters`,
    );
  }
  return {
    name: inner.text,
    params: readParams(scope, declarator),
    returns,
    doc,
    line: lineOf(node),
  };
}

function readParams(scope: Scope, declarator: Node): Param[] {
  const list = declarator.childForFieldName("parameters")?.namedChildren ?? [];
  const items = list.filter((item) => item.type !== "comment");
  if (items.length === 0)
    refuse(scope, declarator, "write (void) for no parameters");
  if (items.length === 1 && items[0]?.text === "void") return [];
  return items.map((item) => {
    if (item.type === "variadic_parameter")
      refuse(scope, item, "variable arguments do not cross the ABI");
    if (item.type !== "parameter_declaration")
      refuse(scope, item, `unexpected ${item.type.replaceAll("_", " ")}`);
    const { name, type } = readDeclared(
      scope,
      item,
      item.childForFieldName("declarator"),
    );
    if (name === "") refuse(scope, item, "parameters have names");
    if (type.kind === "struct")
      return refuse(
        scope,
        item,
        `struct ${type.name} by value: pass a pointer`,
      );
    if (type.kind === "void")
      return refuse(scope, item, "a parameter cannot be void");
    return { name, type };
  });
}
