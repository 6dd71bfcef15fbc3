// The text that says how to get missing tools, and the package managers that can do it here.
import { wantedBun, type Found, type System, type Tool } from "./tools.ts";

/** A tool that is missing or not good enough. */
export interface Lack {
  readonly tool: Tool;
  /** `undefined`: there is none. */
  readonly found: Found | undefined;
}

/** How a system installs packages. */
interface Manager {
  readonly title: string;
  /** What a person types; the packages follow. */
  readonly line: string;
  /** What the scripts run themselves, where they may; the packages follow the last command. */
  readonly commands: readonly (readonly string[])[];
}

const managers: Record<System, Manager> = {
  debian: {
    title: "Debian, Ubuntu",
    line: "apt-get install -y",
    commands: [
      ["apt-get", "update"],
      ["apt-get", "install", "-y"],
    ],
  },
  fedora: { title: "Fedora", line: "dnf install -y", commands: [["dnf", "install", "-y"]] },
  alpine: { title: "Alpine", line: "apk add", commands: [["apk", "add", "--no-interactive"]] },
  macos: { title: "macOS", line: "brew install", commands: [] },
};

/** The packages of one system that bring all the tools, each once. */
export function packagesFor(system: System, lacks: readonly Lack[]): string[] {
  return [...new Set(lacks.flatMap(({ tool }) => tool.packages[system]))];
}

/** The line to type on one system. */
export function installLine(system: System, lacks: readonly Lack[]): string {
  const packages = packagesFor(system, lacks);
  const parts = packages.length === 0 ? [] : [`${managers[system].line} ${packages.join(" ")}`];
  // Apple's command line tools bring cc, clang and their runtimes, and are no package of brew.
  const needsXcode = system === "macos" && lacks.some(({ tool }) => tool.name === "cc" || tool.name === "clang");
  if (needsXcode) parts.unshift("xcode-select --install");
  return parts.join(" && ") || "nothing to install";
}

/** Everything that is missing in one message: name, reason, found and wanted version, and the line for each system. */
export function explainLacks(lacks: readonly Lack[]): string {
  const rows = lacks.map(({ tool, found }) => {
    const state = found === undefined ? "missing" : `found ${found.version}`;
    return `  ${tool.name}: ${state}; wanted: ${tool.wanted}\n    ${tool.why}`;
  });
  const fromPackages = lacks.filter(({ tool }) => tool.name !== "bun");
  const systems = Object.keys(managers) as System[];
  const width = Math.max(...systems.map((system) => managers[system].title.length));
  const lines = systems.map(
    (system) => `  ${managers[system].title.padEnd(width)}  ${installLine(system, fromPackages)}`,
  );
  const title = lacks.length === 1 ? "A system tool is missing or too old:" : "System tools are missing or too old:";
  return [
    title,
    ...rows,
    ...(fromPackages.length > 0 ? ["Install with (as root, or with sudo where the system uses it):", ...lines] : []),
    ...(fromPackages.length < lacks.length
      ? ["A newer Bun, for one command:", `  npx -y bun@${wantedBun} run verify`]
      : []),
    "",
  ].join("\n");
}

/** Whether the scripts may install packages themselves: as root, and only where asked to or in automation. */
export function mayInstall(
  env: Readonly<Record<string, string | undefined>> = process.env,
  uid = process.getuid?.(),
): boolean {
  return uid === 0 && (env["CI"] === "true" || env["SUITE_SETUP"] === "auto");
}

/** The system whose package manager is here, of those that can install without a person. */
export function detectSystem(which: (program: string) => string | null = Bun.which): System | undefined {
  const systems = Object.keys(managers) as System[];
  return systems.find((system) => {
    const program = managers[system].commands[0]?.[0];
    return program !== undefined && which(program) !== null;
  });
}

/** Installs packages through the system's package manager; gives its output when that fails, else `undefined`. */
export function installPackages(system: System, packages: readonly string[]): string | undefined {
  const { commands } = managers[system];
  for (const [at, command] of commands.entries()) {
    const full = at === commands.length - 1 ? [...command, ...packages] : [...command];
    process.stderr.write(`setup: ${full.join(" ")}\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const run = Bun.spawnSync(full, { env, stdin: "ignore" });
    if (!run.success) return `${full.join(" ")} failed:\n${run.stdout}${run.stderr}`;
  }
  return undefined;
}
