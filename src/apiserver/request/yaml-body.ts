import { parse } from 'yaml';
import { readJson } from '../../apimachinery/index.ts';

/** A YAML body; JSON is YAML too, and by far the most of it, so it is tried first. Throws SyntaxError or YAMLParseError. */
export function readYaml(text: string): { readonly value: unknown; readonly duplicates: readonly string[] } {
  if (/^\s*[{[]/.test(text)) {
    try {
      return readJson(text);
    } catch {
      // Flow-style YAML that is not JSON.
    }
  }
  return { value: parse(text, { version: '1.1', schema: 'core', uniqueKeys: true, merge: true }), duplicates: [] };
}
