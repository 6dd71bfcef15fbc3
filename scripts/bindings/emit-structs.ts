/** Writes libcore/src/api/structs.gen.h: the structs for core_struct_sizes(). */
import { BANNER } from "./format.ts";
import type { Header } from "./model.ts";

/** The text of libcore/src/api/structs.gen.h. */
export function emitStructs(header: Header): string {
  const entries = header.structs.map((struct) => `\tX(${struct.name})`);
  return `${BANNER.c}#ifndef CORE_STRUCTS_GEN_H
#define CORE_STRUCTS_GEN_H

/* Every struct of core.h in its order; X takes the name without \`struct\`. */
#define CORE_STRUCTS(X) \\
${entries.join(" \\\n")}

#endif
`;
}
