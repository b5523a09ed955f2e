// A bundler plugin: names imported through a room's index.ts are imported from the files that declare them. Code splitting works by files, so that
// a door which leads to a whole room would make every program load all of it. Nothing changes in meaning: doors only pass names on.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const EXPORTED = /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class) (\w+)/gm;
const PASSED_ON = /^export (?:\* from|\{([^}]*)\} from) '(\.[^']+)';/gm;
const LISTED = /^export \{([^}]*)\};/gm;
const IMPORTED = /^import \{([^}]*)\} from '(\.[^']*\/index\.ts)';/gm;

const specifiers = (list) =>
  list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith('type '))
    .map((one) => {
      const [name, alias = name] = one.split(/\s+as\s+/);
      return { name, alias };
    });

const known = new Map();

/** Where each value that a file exports is declared: exported name -> { file, name }. */
function exportsOf(file) {
  const found = known.get(file);
  if (found) return found;
  const table = new Map();
  known.set(file, table);
  const text = readFileSync(file, 'utf8');
  for (const [, name] of text.matchAll(EXPORTED)) table.set(name, { file, name });
  for (const [, list] of text.matchAll(LISTED)) for (const { alias } of specifiers(list)) table.set(alias, { file, name: alias });
  for (const [, list, path] of text.matchAll(PASSED_ON)) {
    const inner = exportsOf(join(dirname(file), path));
    if (list === undefined) for (const [name, place] of inner) table.set(name, place);
    else for (const { name, alias } of specifiers(list)) if (inner.has(name)) table.set(alias, inner.get(name));
  }
  return table;
}

function direct(statement, list, path, file) {
  const table = exportsOf(join(dirname(file), path));
  const byFile = new Map();
  for (const { name, alias } of specifiers(list)) {
    const place = table.get(name);
    // A name that cannot be followed goes through the door as before.
    if (!place) return statement;
    byFile.set(place.file, [...(byFile.get(place.file) ?? []), place.name === alias ? alias : `${place.name} as ${alias}`]);
  }
  const lines = [...byFile].map(([target, names]) => {
    const from = relative(dirname(file), target);
    return `import { ${names.join(', ')} } from '${from.startsWith('.') ? from : `./${from}`}';`;
  });
  // On one line, so that source maps keep their lines.
  return lines.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
}

export const throughDoors = {
  name: 'through-doors',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { loader: 'ts', contents: text.replace(IMPORTED, (statement, list, from) => direct(statement, list, from, path)) };
    });
  },
};
