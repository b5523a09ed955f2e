import { GLOBAL_OPTIONS, optionLines } from './arguments.ts';
import type { Verb, VerbEntry } from './verb.ts';

const GROUPS: readonly (readonly [VerbEntry['group'], string])[] = [
  ['apps', 'Apps (PM2 words; targets are names, ids, namespaces or all)'],
  ['kubernetes', 'Kubernetes objects'],
  ['daemon', 'The daemon'],
  ['other', 'Other'],
];

/** What `drover` alone prints. */
export function overview(verbs: readonly VerbEntry[]): string {
  const lines = [
    'drover runs services on this machine.',
    '',
    'Examples:',
    '  drover start app.js -i 4',
    '  drover list',
    '  drover logs app',
    '  drover apply -f k8s/ -R',
    '',
  ];
  for (const [group, title] of GROUPS) {
    lines.push(`${title}:`);
    for (const verb of verbs) if (verb.group === group) lines.push(`  ${verb.name.padEnd(12)}${verb.summary}`);
    lines.push('');
  }
  lines.push('Every command explains itself: drover COMMAND --help', '');
  return lines.join('\n');
}

/** What `drover VERB --help` prints: examples first. */
export function verbHelp(entry: VerbEntry, verb: Verb): string {
  const lines = [verb.summary, '', 'Examples:', ...verb.examples.map((example) => `  ${example}`), '', `Usage: ${verb.usage}`];
  if (entry.aliases && entry.aliases.length > 0) lines.push(`Also called: ${entry.aliases.join(', ')}`);
  if (Object.keys(verb.options).length > 0) lines.push('', 'Options:', ...optionLines(verb.options));
  lines.push('', 'Options of every command:', ...optionLines(GLOBAL_OPTIONS));
  if (verb.notes) lines.push('', ...verb.notes);
  return `${lines.join('\n')}\n`;
}
