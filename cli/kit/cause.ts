/**
 * Why the system refused something, in words.
 * @module
 */

/** The system's words alone: Bun puts the name of the error in front, and the call with its path behind, which is said already. */
export function causeOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException | undefined)?.code === "EISDIR") return "it is a directory";
  const message = error instanceof Error ? error.message : String(error);
  return /^E[A-Z0-9]+: (.+?)(?:, [a-z]+(?: '.*')?)?$/s.exec(message)?.[1] ?? message;
}
