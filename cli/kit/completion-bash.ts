/**
 * Completions for bash 3.2 and later. Needs no other file.
 * @module
 */
import type { CompletedFlag, CompletedTool } from "./completion.ts";

const HEAD = `# bash completion for suite; to be sourced
_suite_words() { # WORDS: those that go on from $cur
  local word
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$cur")
}
_suite_files() {
  local word
  COMPREPLY=()
  type compopt >/dev/null 2>&1 && compopt -o filenames
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
}
_suite() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local tool=\${COMP_WORDS[0]##*/} first=1 equals= ended= skip= operand=0 valued= options= i word
  COMPREPLY=()
  if [[ $tool == suite-* ]]; then
    tool=\${tool#suite-}
  else
    if ((COMP_CWORD == 1)); then
      _suite_words "@COMMANDS@ --help --version"
      return
    fi
    tool=\${COMP_WORDS[1]}
    first=2
  fi
  # The equals sign is a word of its own here.
  if [[ $cur == "=" ]]; then
    cur= equals=1
  elif [[ $prev == "=" ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]} equals=1
  fi
  case $tool in
@TABLES@
  *) return ;;
  esac
  for ((i = first; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $skip ]]; then
      skip=
    elif [[ $ended ]]; then
      operand=$((operand + 1))
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ $word == "=" ]]; then
      skip=1
    elif [[ $word == -?* ]]; then
      [[ \${COMP_WORDS[i+1]} != "=" && " $valued " == *" $word "* ]] && skip=1
    else
      operand=$((operand + 1))
    fi
  done
  if [[ ! $ended ]]; then
    case $tool,$prev,$equals in
@VALUES@
    esac
    if [[ $cur == -* ]]; then
      _suite_words "$options"
      return
    fi
  fi
  case $tool,$operand in
@OPERANDS@
  esac
}
complete -o bashdefault -o default -F _suite @PROGRAMS@
`;

/** What a completed value runs; nothing to offer is not the same as names of files. */
function action(completes: CompletedFlag["completes"]): string {
  if (completes === "files") return "_suite_files";
  return completes === "nothing" ? "type compopt >/dev/null 2>&1 && compopt +o bashdefault +o default" : `_suite_words "${completes.join(" ")}"`;
}

function table(tool: CompletedTool): string {
  const valued = tool.flags.filter(({ value }) => value === "needed").flatMap(({ words }) => words);
  const options = tool.flags.flatMap(({ words }) => words).filter((word) => word.startsWith("--"));
  return `  ${tool.name})\n    valued="${valued.join(" ")}"\n    options="${options.join(" ")}"\n    ;;`;
}

function values(tool: CompletedTool): string[] {
  return tool.flags.flatMap(({ words, value, completes }) => {
    if (value === "none") return [];
    // A value that may be left out only follows an equals sign.
    const patterns = words.flatMap((word) => (value === "needed" ? [`${tool.name},${word},*`] : [`${tool.name},${word},1`]));
    return [`    ${patterns.join(" | ")}) ${action(completes)}; return ;;`];
  });
}

function operands(tool: CompletedTool): string[] {
  const rows = tool.operands.map(({ completes, repeat }, i) => `  ${tool.name},${repeat ? "*" : i}) ${action(completes)} ;;`);
  return [...rows, `  ${tool.name},*) ${action("nothing")} ;;`];
}

/**
 * The script: `source <(suite completions bash)`.
 *
 * @param only the tool whose own program is completed, instead of `suite` with all of them
 */
export function bashCompletion(tools: readonly CompletedTool[], only?: string): string {
  const names = tools.map(({ name }) => name);
  const programs = names.map((name) => `suite-${name}`);
  // Functions of its own, so that it does not take the place of the script of `suite`.
  const head = only === undefined ? HEAD : HEAD.replaceAll(/_suite\b/g, `_suite_${only}`);
  return head
    .replace("@COMMANDS@", names.join(" "))
    .replace("@TABLES@", tools.map(table).join("\n"))
    .replace("@VALUES@", tools.flatMap(values).join("\n"))
    .replace("@OPERANDS@", tools.flatMap(operands).join("\n"))
    .replace("@PROGRAMS@", (only === undefined ? ["suite", ...programs] : programs).join(" "));
}
