const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * `file:line: problem` for a problem of the form `app "NAME": attribute: …`, where the file's text says it on one line alone; else `file: problem`.
 * The text is searched, since a program that made the configuration leaves no other trace.
 */
export function placeProblem(file: string, text: string, problem: string): string {
  const [, name, attribute] = /^(?:app "([^"]*)"|apps\[\d+\])(?:: (\w+):)?/.exec(problem) ?? [];
  const lines = text.split('\n');
  const only = (pattern: RegExp): number | undefined => {
    const found = lines.flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
    return found.length === 1 ? found[0] : undefined;
  };
  const line =
    (attribute ? only(new RegExp(`(?:^|[\\s{,"'])${escaped(attribute)}["']?\\s*:`)) : undefined) ??
    (name ? only(new RegExp(`(?:^|[\\s{,"'])name["']?\\s*:\\s*["'\`]?${escaped(name)}(?:["'\`,\\s]|$)`)) : undefined);
  return `${file}${line === undefined ? '' : `:${line}`}: ${problem}`;
}
