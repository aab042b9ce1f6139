/** Completion for fish, which is no POSIX shell: the same walk in its own words. */
import { tablesOf, type Tree } from './tree.ts';

const quoted = (words: string): string => `'${words}'`;

function table(name: string, groups: ReadonlyMap<string, readonly string[]>): string {
  const rows = [...groups].flatMap(([text, words]) => {
    return [`    case ${words.map(quoted).join(' ')}`, `      echo ${quoted(text)}`];
  });
  return [`function __bitscale_${name}`, '  switch "$argv[1]"', ...rows, '  end', 'end'].join('\n');
}

const WALK = `function __bitscale_keys
  for file in $argv[1]/keyring/*.json $argv[1]/keyring-test/*.json
    string replace -r '.*/(.*)\\.json$' '$1' -- $file
  end
end
function __bitscale_complete
  set -l current (commandline -ct)
  set -l words (commandline -opc)
  set -e words[1]
  set -l path ''
  set -l takes ''
  set -l at 0
  set -l home $HOME/.bitscale
  set -q BITSCALE_HOME; and set home $BITSCALE_HOME
  for word in $words
    if test -n "$takes"
      test "$takes" = --home; and set home $word
      set takes ''
      continue
    end
    switch $word
      case '--home=*'
        set home (string replace -- '--home=' '' $word)
        continue
      case '-*=*'
        continue
      case '-*'
        contains -- $word (string split ' ' -- (__bitscale_valued "$path")); and set takes $word
        continue
    end
    if test $at -eq 0; and contains -- $word (string split ' ' -- (__bitscale_next "$path"))
      set path (string trim -- "$path $word")
    else
      set at (math $at + 1)
    end
  end
  set -l kind ''
  if test -n "$takes"
    set kind (__bitscale_value $takes)
  else
    if string match -q -- '-*' $current
      string split ' ' -- (__bitscale_options "$path")
      return
    end
    test $at -eq 0; and string split ' ' -- (__bitscale_next "$path")
    set kind (__bitscale_argument "$path $at")
    while test -z "$kind"; and test $at -ge 0
      set kind (__bitscale_argument "$path $at+")
      set at (math $at - 1)
    end
  end
  switch "$kind"
    case 'words *'
      string split ' ' -- (string replace 'words ' '' -- $kind)
    case key
      __bitscale_keys $home
    case file
      __fish_complete_path $current
    case folder
      __fish_complete_directories $current
  end
end
complete -c bitscale -e
complete -c bitscale -f -a '(__bitscale_complete)'`;

export function fishScript(tree: Tree): string {
  const tables = [...tablesOf(tree)].map(([name, groups]) => table(name, groups));
  const head = '# Completion of bitscale for fish: bitscale completion fish | source';
  return [head, ...tables, WALK].join('\n');
}
