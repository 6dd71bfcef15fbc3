// A tool with a flag of every type.
import { defineTool, type Tool } from "../../cli/kit/tool.ts";

/** What the toy was last run with. */
export const seen: { flags?: Record<string, unknown>; operands?: readonly unknown[] } = {};

/** The toy. */
export const toy: Tool = defineTool({
  name: "toy",
  summary: "try every type of flag",
  examples: [
    ["suite toy --jobs 4 a b", "four at once"],
    ["suite toy --since '2 days ago' .", "what is new"],
  ],
  operands: [
    { name: "ACTION", values: ["fetch", "store"], description: "what to do: fetch or store" },
    { name: "FILE", repeat: true, optional: true, description: "any number of files" },
  ],
  description: ["Does nothing, and says with which options. The text is long enough to be broken into lines on a terminal of 80 columns."],
  sections: [{ title: "Signs", rows: [["+", "added"]] }],
  flags: {
    on: { type: "boolean", short: "o", description: "a switch" },
    cache: { type: "boolean", default: true, description: "do without the cache" },
    links: { type: "boolean", negatable: true, description: "follow links" },
    depth: { type: "count", short: "d", description: "go deeper" },
    name: { type: "string", short: "n", aliases: ["title"], description: "a text" },
    exclude: { type: "string", short: "x", value: "GLOB", repeat: true, description: "leave these out" },
    list: { type: "path", short: "f", description: "a file of any name" },
    jobs: { type: "integer", short: "j", min: 1, max: 64, default: "4", description: "threads" },
    ratio: { type: "number", min: 0, description: "a number" },
    size: { type: "size", description: "a size" },
    wait: { type: "duration", max: 86_400_000, default: "90s", description: "how long to wait" },
    since: { type: "date", description: "only what is newer" },
    order: { type: "enum", values: ["name", "size", "none"], default: "name", description: "how to sort" },
    when: { type: "enum", values: ["auto", "always"], bare: "always", negated: "auto", value: "WHEN", description: "when" },
    fields: { type: "set", values: ["mode", "owner", "mtime"], description: "what to look at" },
    range: {
      type: "parsed",
      value: "A[:B]",
      expects: "an offset, or two with a colon",
      parse: (text) => (/^\d{1,15}(?::\d{1,15})?$/.test(text) ? text.split(":").map(Number) : undefined),
      write: (numbers: readonly number[]) => numbers.join(":"),
      description: "where",
    },
    secret: { type: "boolean", hidden: true, config: false, description: "is not shown" },
  },
  async run({ flags, operands }) {
    seen.flags = flags;
    seen.operands = operands;
    // The types are those of the definition.
    const checked: [boolean, number, string | undefined, string[], number, bigint | undefined, "name" | "size" | "none"] = [
      flags.on,
      flags.depth,
      flags.name,
      flags.exclude,
      flags.wait,
      flags.since,
      flags.order,
    ];
    return checked.length;
  },
});
