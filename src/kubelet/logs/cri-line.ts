/** One line of a CRI log file: `<RFC3339Nano> stdout|stderr F|P <text>`. */
interface CriLine {
  readonly timestamp: string;
  readonly stream: 'stdout' | 'stderr';
  /** The program's line goes on in the next one: no newline follows. */
  readonly partial: boolean;
  readonly content: Buffer;
}

const SPACE = 0x20;

/** Reads one line (without its newline); undefined when it has another form, as a line torn by a crash has. */
function parseCriLine(line: Buffer): CriLine | undefined {
  const first = line.indexOf(SPACE);
  const second = first < 0 ? -1 : line.indexOf(SPACE, first + 1);
  if (second < 0) return undefined;
  const third = line.indexOf(SPACE, second + 1);
  const tagEnd = third < 0 ? line.length : third;
  const stream = line.toString('latin1', first + 1, second);
  const tags = line.toString('latin1', second + 1, tagEnd);
  if ((stream !== 'stdout' && stream !== 'stderr') || !/^[FP](:|$)/.test(tags)) return undefined;
  return { timestamp: line.toString('latin1', 0, first), stream, partial: tags.startsWith('P'), content: line.subarray(Math.min(tagEnd + 1, line.length)) };
}

/** How lines are chosen and written out. */
export interface LineFormat {
  readonly timestamps: boolean;
  /** Only lines of this time and later. */
  readonly sinceMs: number | undefined;
  readonly stream: 'stdout' | 'stderr' | undefined;
}

/** Turns CRI lines into what the program wrote. One per reader: it remembers whether a line has just been left open. */
export class LineWriter {
  readonly #format: LineFormat;
  #open = false;
  #sinceReached = false;

  constructor(format: LineFormat) {
    this.#format = format;
  }

  /** Adds what a line gives to `out`; a line of another form is given as it is, for nothing that was written should be hidden. */
  write(line: Buffer, out: Buffer[]): void {
    const parsed = parseCriLine(line);
    if (!parsed) {
      if (line.length > 0) out.push(line, NEWLINE);
      return;
    }
    if (this.#format.stream !== undefined && parsed.stream !== this.#format.stream) return;
    if (!this.#sinceReached) {
      if (this.#format.sinceMs !== undefined && Date.parse(parsed.timestamp) < this.#format.sinceMs) return;
      this.#sinceReached = true;
    }
    if (this.#format.timestamps && !this.#open) out.push(Buffer.from(`${parsed.timestamp} `, 'latin1'));
    out.push(parsed.content);
    this.#open = parsed.partial;
    if (!parsed.partial) out.push(NEWLINE);
  }
}

const NEWLINE = Buffer.from('\n');
