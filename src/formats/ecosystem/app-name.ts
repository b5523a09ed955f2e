/** An app's name as an object name: lower case, DNS-1123, at most 52 characters (pods add a suffix). The original is kept beside it. */
export function objectNameOf(appName: string): string {
  const safe = appName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/-+/g, '-')
    .slice(0, 52)
    .replace(/^-+|-+$/g, '');
  return safe || `app-${Array.from(appName, (char) => char.codePointAt(0)?.toString(16)).join('-')}`.slice(0, 52).replace(/-+$/, '');
}
