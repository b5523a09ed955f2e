/** Columns padded to their widest cell, three spaces apart, as kubectl prints them. The last column is not padded. */
export function textTable(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const all = header ? [header, ...rows] : rows;
  const widths: number[] = [];
  for (const row of all)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell) + 3)))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** A table in a frame, as PM2 prints its list. Cells may be coloured. */
export function boxTable(header: readonly string[], rows: readonly (readonly string[])[], paintHeader: (text: string) => string = (text) => text): string {
  const widths = header.map((title, column) => Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[column] ?? ''))));
  const rule = (left: string, middle: string, right: string): string => left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
  const line = (cells: readonly string[]): string =>
    `│${widths.map((width, column) => ` ${cells[column] ?? ''}${' '.repeat(width - displayWidth(cells[column] ?? ''))} `).join('│')}│`;
  return [
    rule('┌', '┬', '┐'),
    `│${widths.map((width, column) => ` ${paintHeader(header[column] ?? '')}${' '.repeat(width - displayWidth(header[column] ?? ''))} `).join('│')}│`,
    ...(rows.length > 0 ? [rule('├', '┼', '┤')] : []),
    ...rows.map(line),
    rule('└', '┴', '┘'),
  ].join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences start with one
const COLOR = /\u001b\[\d+m/g;

/** Columns a text takes: colours none, wide East Asian characters two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text.replace(COLOR, '')) {
    const code = char.codePointAt(0) ?? 0;
    width +=
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff)
        ? 2
        : 1;
  }
  return width;
}
