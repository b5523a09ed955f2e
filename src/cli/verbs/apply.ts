import { UsageError } from '../errors.ts';
import { applyManifests } from '../kubernetes/apply-manifests.ts';
import { readManifestFiles } from '../kubernetes/manifest-files.ts';
import { outputFormat, type Printable, printObjects } from '../output/print-objects.ts';
import type { Verb } from '../verb.ts';

const VALIDATION: { readonly [value: string]: 'Strict' | 'Warn' | 'Ignore' } = {
  true: 'Strict',
  strict: 'Strict',
  warn: 'Warn',
  false: 'Ignore',
  ignore: 'Ignore',
};

export const verb: Verb = {
  usage: 'drover apply -f FILE|DIRECTORY|- … [OPTIONS]',
  summary: 'Bring objects to what manifests say.',
  examples: ['drover apply -f deployment.yaml', 'drover apply -f k8s/ -R', 'cat app.yaml | drover apply -f -', 'drover apply -f k8s/ --server-side'],
  options: {
    filename: { type: 'string', short: 'f', multiple: true, value: 'PATH', help: 'file, directory or - (stdin); may be repeated' },
    recursive: { type: 'boolean', short: 'R', help: 'with subdirectories' },
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'for objects that name none' },
    'server-side': { type: 'boolean', help: 'let the server merge, with owners of fields' },
    'force-conflicts': { type: 'boolean', help: 'with --server-side: take fields from their owners' },
    'field-manager': { type: 'string', value: 'NAME', help: 'who owns the fields' },
    'dry-run': { type: 'string', value: 'server|none', help: 'server: check everything, change nothing' },
    validate: { type: 'string', value: 'strict|warn|ignore', help: 'what is done with unknown fields (default strict)' },
    output: { type: 'string', short: 'o', value: 'FORM', help: 'json, yaml, name: show what the server made of it' },
  },
  notes: ['Namespaces are applied first, whatever the order of the files. Errors say file:line:column.'],
  async run(context, args) {
    const dryRun = args.text('dry-run') ?? 'none';
    if (dryRun !== 'none' && dryRun !== 'server') throw new UsageError(`--dry-run=${dryRun}: expected server or none`);
    const validate = VALIDATION[args.text('validate') ?? 'strict'];
    if (!validate) throw new UsageError('--validate: expected strict, warn or ignore');
    if (args.flag('force-conflicts') && !args.flag('server-side')) throw new UsageError('--force-conflicts works with --server-side only');
    const format = outputFormat(args.text('output'));
    const manifests = await readManifestFiles(context.io, [...args.texts('filename'), ...args.words], args.flag('recursive'));
    const connection = await context.connect();
    const printed: Printable[] = [];
    const fieldManager = args.text('field-manager');
    const { failures } = await applyManifests(context, connection, manifests, {
      mode: args.flag('server-side') ? 'server-side' : 'three-way',
      force: args.flag('force-conflicts'),
      namespace: args.text('namespace'),
      dryRun: dryRun === 'server',
      validate,
      ...(fieldManager ? { fieldManager } : {}),
      done: (title, outcome, object, resource) => {
        if (format.kind === 'table') context.print(`${title} ${outcome}${dryRun === 'server' ? ' (server dry run)' : ''}`);
        else printed.push({ object, resource });
      },
    });
    if (format.kind !== 'table' && printed.length > 0) printObjects(context, format, printed, { single: printed.length === 1, managedFields: false });
    return failures > 0 ? 1 : 0;
  },
};
