/** Writes src/errors.gen.ts and docs/errors.md: the error codes. */
import { BANNER, tsdoc } from "./format.ts";
import { HeaderError, tag, type Header } from "./model.ts";
import { errorName } from "./names.ts";

interface ErrorRow {
  code: number;
  name: string;
  exit: number;
  class: string;
  summary: string;
}

/** The text of src/errors.gen.ts. */
export function emitErrors(header: Header): string {
  const rows = errorRows(header);
  const names = rows.map((row) => JSON.stringify(row.name)).join(" | ");
  const classes = [...new Set(rows.map((row) => row.class))]
    .sort()
    .map((name) => JSON.stringify(name));
  return `${BANNER.ts}
/** The names of the error codes: what a script compares. */
export type ErrorCode = ${names};

/** The classes of SuiteError that carry them. */
export type ErrorClass = ${classes.join(" | ")};

/** What is fixed about one error code. */
export interface ErrorInfo {
  /** The number that C returns. */
  readonly code: number;
  readonly name: ErrorCode;
  /** The exit code of a command that ends with it. */
  readonly exit: number;
  readonly class: ErrorClass;
  /** What it means, in one sentence. */
  readonly summary: string;
}

/** The error codes by name. */
export const ERRORS_BY_NAME: Readonly<Record<ErrorCode, ErrorInfo>> = {
${rows.map((row) => `${tsdoc([row.summary], "  ")}${row.name}: ${JSON.stringify(row)},`).join("\n")}
};

/** The error codes by number. */
export const ERRORS: Readonly<Record<number, ErrorInfo>> = {
${rows.map((row) => `[${row.code}]: ERRORS_BY_NAME.${row.name},`).join("\n")}
};
`;
}

/** The text of docs/errors.md. */
export function emitErrorsDoc(header: Header): string {
  const rows = errorRows(header).map(
    (row) =>
      `| \`${row.name}\` | ${row.code} | ${row.exit} | \`${row.class}\` | ${row.summary} |`,
  );
  return `${BANNER.md}
# Error codes

Every error of the library is a \`SuiteError\` of the class below, with the name
in \`code\`. In \`--json\` output the same name stands in \`error.code\`. The exit
code is that of a command which cannot go on because of the error; inside a tree
an error becomes an entry of status \`unknown\` and the command ends with 3.

| code | number | exit | class | meaning |
|---|---|---|---|---|
${rows.join("\n")}
`;
}

function errorRows(header: Header): ErrorRow[] {
  const item = header.enums.find((e) => tag(e.doc, "errors") !== undefined);
  if (!item) return [];
  return item.values.map((value) => {
    const exit = tag(value.doc, "exit");
    const className = tag(value.doc, "class");
    if (!value.name.startsWith("CORE_E"))
      throw new HeaderError(
        header.file,
        value.line,
        "error codes begin with CORE_E",
      );
    if (!exit || !/^\d+$/.test(exit) || !className || value.doc.text === "") {
      throw new HeaderError(
        header.file,
        value.line,
        `${value.name} needs a meaning, @exit and @class`,
      );
    }
    return {
      code: value.value,
      name: errorName(value),
      exit: Number(exit),
      class: className,
      summary: value.doc.text,
    };
  });
}
