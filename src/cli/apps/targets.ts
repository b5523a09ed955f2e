import { APP_LABEL, nearest } from '../../formats/index.ts';
import { errorText } from '../../std/index.ts';
import { CliError, UsageError } from '../errors.ts';
import type { AppView } from './app-view.ts';

const isOurs = (app: AppView): boolean => app.deployment.metadata.labels?.[APP_LABEL] !== undefined;

/**
 * The apps that words name: `all` (those started in PM2's words), a numeric id, a name, `deployment/name`, `namespace/name`, the namespace of apps, or a
 * /regular expression/. Throws when a word names none, or a name is found in several namespaces.
 */
export function selectApps(words: readonly string[], apps: readonly AppView[]): readonly AppView[] {
  if (words.length === 0) throw new UsageError('name an app, its id, or all', 'drover list shows them');
  const selected = new Set<AppView>();
  for (const word of words) for (const app of matches(word, apps)) selected.add(app);
  return [...selected];
}

function matches(word: string, apps: readonly AppView[]): readonly AppView[] {
  if (word === 'all') return apps.filter(isOurs);
  const named = /^(?:deployments?|deploy)(?:\.apps)?\/(.+)$/.exec(word)?.[1] ?? word;
  const byName = apps.filter((app) => app.name === named || app.objectName === named);
  if (byName.length === 1) return byName;
  if (byName.length > 1) {
    const places = byName.map((app) => `${app.namespace}/${app.objectName}`).join(', ');
    throw new CliError(`several apps are called "${named}": ${places}`, { hint: 'choose one with -n NAMESPACE, or write namespace/name' });
  }
  if (/^\d+$/.test(word)) {
    const byId = apps.filter((app) => app.ids.includes(Number(word)));
    if (byId.length > 0) return byId;
  }
  const pattern = /^\/(.+)\/$/.exec(word)?.[1];
  if (pattern !== undefined) {
    const found = apps.filter((app) => expression(pattern).test(app.name));
    if (found.length > 0) return found;
  }
  const qualified = apps.filter((app) => `${app.namespace}/${app.objectName}` === word || `${app.namespace}/${app.name}` === word);
  if (qualified.length > 0) return qualified;
  const ofNamespace = apps.filter((app) => app.namespace === word && isOurs(app));
  if (ofNamespace.length > 0) return ofNamespace;
  const near = nearest(
    word,
    apps.map((app) => app.name),
  );
  throw new CliError(`there is no app "${word}"`, { hint: near ? `did you mean ${near}?` : 'drover list shows the apps' });
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new UsageError(`/${pattern}/ is no regular expression: ${errorText(cause)}`);
  }
}
