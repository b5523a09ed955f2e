/** A table of measures: { what, drover, peer, unit, goal, better? }. Ratios are drover's figure over the peer's. */
export function report(peer, rows) {
  const shown = (value, unit) => (value === undefined ? '' : `${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 0)}${unit ? ` ${unit}` : ''}`);
  const lines = [['', 'drover', peer, 'ratio', 'goal']];
  for (const row of rows) {
    const ratio = row.peer ? (row.drover / row.peer).toFixed(2) : '';
    lines.push([row.what, shown(row.drover, row.unit), shown(row.peer, row.unit), ratio, row.goal ?? '']);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines)
    console.log(`  ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('   ')}`);
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
