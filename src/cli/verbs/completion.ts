import { GLOBAL_OPTIONS } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import type { Verb, VerbEntry } from '../verb.ts';
import { VERBS } from './index.ts';

export const verb: Verb = {
  usage: 'drover completion bash|zsh|fish',
  summary: 'Print a completion script for a shell.',
  examples: [
    'source <(drover completion bash)',
    'drover completion zsh > "$fpath[1]/_drover"',
    'drover completion fish > ~/.config/fish/completions/drover.fish',
  ],
  options: {},
  async run(context, args) {
    const [shell, ...words] = args.words;
    if (shell === 'names') return await names(context, words);
    if (shell !== 'bash' && shell !== 'zsh' && shell !== 'fish') throw new UsageError('expected bash, zsh or fish');
    context.io.stdout.write(SCRIPTS[shell](VERBS));
    return 0;
  },
};

/** What the scripts call for names: one app a line. Starts nothing, and is silent when no daemon runs. */
async function names(context: Parameters<Verb['run']>[0], _words: readonly string[]): Promise<number> {
  const { loadApps } = await import('../apps/app-view.ts');
  try {
    const { client } = await context.connect({ start: false });
    for (const app of await loadApps(client, undefined, context.signal)) context.print(app.name);
  } catch {
    // No daemon, no names: a failure here would be printed into the user's command line.
  }
  return 0;
}

const words = (verbs: readonly VerbEntry[]): string => verbs.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]).join(' ');
const options = (): string =>
  Object.keys(GLOBAL_OPTIONS)
    .map((name) => `--${name}`)
    .join(' ');
const BY_APP = 'start|restart|reload|stop|delete|del|scale|logs|describe|desc|show|info|exec|rollout';

const SCRIPTS: { readonly [shell in 'bash' | 'zsh' | 'fish']: (verbs: readonly VerbEntry[]) => string } = {
  bash: (verbs) => `_drover() {
  local current="\${COMP_WORDS[COMP_CWORD]}" verb="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${words(verbs)}" -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "${options()}" -- "$current"))
  else
    case "$verb" in
      ${BY_APP}) COMPREPLY=($(compgen -W "$(drover completion names 2>/dev/null) all" -- "$current") $(compgen -f -- "$current")) ;;
      apply|up|image) COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
  fi
}
complete -o filenames -F _drover drover
`,
  zsh: (verbs) => `#compdef drover
_drover() {
  local -a verbs
  verbs=(${verbs.map(({ name, summary }) => `'${name}:${summary.replace(/'/g, '’').replace(/:/g, '\\:')}'`).join(' ')})
  if (( CURRENT == 2 )); then
    _describe 'command' verbs
  elif [[ "\${words[CURRENT]}" == -* ]]; then
    compadd -- ${options()}
  else
    case "\${words[2]}" in
      ${BY_APP}) compadd -- \${(f)"$(drover completion names 2>/dev/null)"} all; _files ;;
      *) _files ;;
    esac
  fi
}
compdef _drover drover
`,
  fish: (verbs) => `${verbs.map(({ name, summary }) => `complete -c drover -n __fish_use_subcommand -a ${name} -d '${summary.replace(/'/g, '’')}'`).join('\n')}
complete -c drover -n '__fish_seen_subcommand_from ${BY_APP.split('|').join(' ')}' -a '(drover completion names 2>/dev/null) all'
${Object.keys(GLOBAL_OPTIONS)
  .map((name) => `complete -c drover -l ${name}`)
  .join('\n')}
`,
};
