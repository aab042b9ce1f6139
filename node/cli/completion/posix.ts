/** Completion for bash and zsh: one walk over the words of the line, in what both understand of the shell. */
import { tablesOf, type Tree } from './tree.ts';

const quoted = (words: string): string => `'${words}'`;

function table(name: string, groups: ReadonlyMap<string, readonly string[]>): string {
  const rows = [...groups].map(([text, words]) => {
    return `    ${words.map(quoted).join('|')}) echo ${quoted(text)} ;;`;
  });
  return [`__bitscale_${name}() {`, '  case "$1" in', ...rows, '  esac', '}'].join('\n');
}

/** Answers with the words that may come, or @file, or @folder. */
const WALK = `__bitscale_keys() {
  local file
  for file in "$1"/keyring/*.json "$1"/keyring-test/*.json; do
    [ -f "$file" ] || continue
    file="\${file##*/}"
    echo "\${file%.json}"
  done
}
__bitscale_complete() {
  [ -z "\${ZSH_VERSION-}" ] || emulate -L sh
  local current="$1" path='' takes='' at=0 word kind home="\${BITSCALE_HOME:-$HOME/.bitscale}"
  shift
  for word in "$@"; do
    [ "$word" = '=' ] && continue
    if [ -n "$takes" ]; then
      [ "$takes" = '--home' ] && home="$word"
      takes=''
      continue
    fi
    case "$word" in
      --home=*) home="\${word#*=}" && continue ;;
      -*=*) continue ;;
      -*)
        case " $(__bitscale_valued "$path") " in *" $word "*) takes="$word" ;; esac
        continue
        ;;
    esac
    case "$at $(__bitscale_next "$path") " in
      '0 '*" $word "* | "0 $word "*) path="\${path:+$path }$word" ;;
      *) at=$((at + 1)) ;;
    esac
  done
  if [ -n "$takes" ]; then
    kind="$(__bitscale_value "$takes")"
  else
    case "$current" in -*) __bitscale_options "$path" && return ;; esac
    [ "$at" -gt 0 ] || __bitscale_next "$path"
    kind="$(__bitscale_argument "$path $at")"
    while [ -z "$kind" ] && [ "$at" -ge 0 ]; do
      kind="$(__bitscale_argument "$path $at+")"
      at=$((at - 1))
    done
  fi
  case "$kind" in
    words\\ *) echo "\${kind#words }" ;;
    key) __bitscale_keys "$home" ;;
    file | folder) echo "@$kind" ;;
  esac
}`;

function core(tree: Tree): string {
  const tables = [...tablesOf(tree)].map(([name, groups]) => table(name, groups));
  return [...tables, WALK].join('\n');
}

export function bashScript(tree: Tree): string {
  return `# Completion of bitscale for bash: source <(bitscale completion bash)
${core(tree)}
_bitscale() {
  local current="\${COMP_WORDS[COMP_CWORD]}" answer
  [ "$current" = '=' ] && current=''
  answer="$(__bitscale_complete "$current" "\${COMP_WORDS[@]:1:COMP_CWORD-1}")"
  COMPREPLY=()
  case "$answer" in
    *@file*) mapfile -t COMPREPLY < <(compgen -f -- "$current") && compopt -o filenames 2>/dev/null ;;
    *@folder*) mapfile -t COMPREPLY < <(compgen -d -- "$current") && compopt -o filenames 2>/dev/null ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$answer" -- "$current") ;;
  esac
  return 0
}
complete -F _bitscale bitscale`;
}

export function zshScript(tree: Tree): string {
  return `#compdef bitscale
# Completion of bitscale for zsh: source <(bitscale completion zsh), or a file _bitscale in a folder of $fpath
${core(tree)}
_bitscale() {
  local answer
  answer="$(__bitscale_complete "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}")"
  case "$answer" in
    *@file*) _files ;;
    *@folder*) _files -/ ;;
    *) compadd -- \${=answer} ;;
  esac
}
if [ "\${funcstack[1]}" = _bitscale ]; then
  _bitscale "$@"
else
  compdef _bitscale bitscale
fi`;
}
