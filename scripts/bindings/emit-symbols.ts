/** Writes src/ffi/symbols.gen.ts: the functions as bun:ffi wants them declared. */
import { BANNER, tsdoc } from "./format.ts";
import type { Func, Header, IntType, PointerType, VoidType } from "./model.ts";

/** The text of src/ffi/symbols.gen.ts. */
export function emitSymbols(header: Header): string {
  return `${BANNER.ts}import type { dlopen } from "bun:ffi";

/**
 * The functions of libcore for \`dlopen\`. Pointers are \`ptr\`: a view is held
 * for the call and passed at its own offset, \`null\` is NULL. \`u64\` takes
 * numbers (exact to 2^53) and BigInts.
 */
export const symbols = {
${header.functions.map(symbol).join("\n")}
} as const;

/** The opened library, as \`dlopen(path, symbols)\` returns it. */
export type Library = ReturnType<typeof dlopen<typeof symbols>>;

/** The callable functions of the opened library. */
export type Symbols = Library["symbols"];
`;
}

function symbol(func: Func): string {
  const names = func.params.map((param) => param.name).join(", ");
  // Arguments are positional in bun:ffi, so the signature is what a caller looks for here.
  const doc = tsdoc(
    [
      `\`${func.name}(${names})\`${func.doc.text === "" ? "" : ` ${func.doc.text}`}`,
    ],
    "  ",
  );
  const args = func.params
    .map((param) => JSON.stringify(ffiType(param.type)))
    .join(", ");
  return `${doc}  ${func.name}: { args: [${args}], returns: ${JSON.stringify(ffiType(func.returns))} },`;
}

/**
 * The bun:ffi name of a type. As an argument `u64` takes numbers and BigInts;
 * as a result it would always be a BigInt, which is why the parser refuses
 * functions that return 64 bits.
 */
export function ffiType(type: IntType | PointerType | VoidType): string {
  if (type.kind === "void") return "void";
  return type.kind === "pointer"
    ? "ptr"
    : `${type.signed ? "i" : "u"}${type.bits}`;
}
