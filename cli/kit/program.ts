/**
 * What the program is called: `suite`, or `suite-compare`, which is the
 * command of that name alone. Said once, at the start of the process.
 * @module
 */

let only: string | undefined;

/** Says that this process is the command of one tool, or with nothing that it is `suite`. */
export function startAs(tool: string | undefined): void {
  only = tool;
}

/** The tool that this process is the command of, if it is not `suite`. */
export const onlyTool = (): string | undefined => only;

/** `suite`, or `suite-compare`. */
export const program = (): string => (only === undefined ? "suite" : `suite-${only}`);

/** How a tool is called here: `suite compare`, or `suite-compare`. Without a name `suite` itself. */
export function calledAs(tool: string): string {
  return only !== undefined || tool === "" ? program() : `suite ${tool}`;
}

/** Text of ours, which calls tools `suite TOOL`, with the name of this one as it is called here. */
export function asCalled(text: string): string {
  return only === undefined ? text : text.replaceAll(`suite ${only}`, program());
}
