/** One line of a container's log. */
export interface LogLine {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly text: string;
}

/** Splits a stream of `<time> <text>` lines. A last line without its end is given too. */
export async function* logLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly LogLine[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map(logLine);
  }
  if (rest) yield [logLine(rest)];
}

function logLine(line: string): LogLine {
  const space = line.indexOf(' ');
  // A text that carries no time (an error of the server in the middle) is shown as it is.
  return space > 18 && line[10] === 'T' ? { time: line.slice(0, space), text: line.slice(space + 1) } : { time: '', text: line };
}
