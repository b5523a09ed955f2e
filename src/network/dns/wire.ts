/** Length of a DNS message's fixed head. */
export const HEADER_BYTES = 12;
const OPT = 41;

/** Offset behind a name, or undefined when the message is cut short. */
function skipName(message: Buffer, from: number): number | undefined {
  let at = from;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += length + 1;
  }
}

/** Offset behind the questions. */
function skipQuestions(message: Buffer): number | undefined {
  let at: number | undefined = HEADER_BYTES;
  for (let left = message.readUInt16BE(4); left > 0 && at !== undefined; left--) {
    at = skipName(message, at);
    if (at !== undefined) at += 4;
  }
  return at !== undefined && at <= message.length ? at : undefined;
}

/** The bytes of the question section, or undefined for a message that is too short. */
export function questionBytes(message: Buffer): Buffer | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const end = skipQuestions(message);
  return end === undefined ? undefined : message.subarray(HEADER_BYTES, end);
}

/** Where the time-to-live fields of a message's records are (the OPT pseudo record has none); undefined when the message is malformed. */
export function ttlOffsets(message: Buffer): readonly number[] | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const offsets: number[] = [];
  let at = skipQuestions(message);
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  for (let left = records; left > 0; left--) {
    at = at === undefined ? undefined : skipName(message, at);
    if (at === undefined || at + 10 > message.length) return undefined;
    if (message.readUInt16BE(at) !== OPT) offsets.push(at + 4);
    at += 10 + message.readUInt16BE(at + 8);
    if (at > message.length) return undefined;
  }
  return offsets;
}

/** An answer of a given rcode to a query, made of the query's own id and question. */
export function bareAnswer(query: Buffer, rcode: number): Buffer {
  const question = questionBytes(query);
  const answer = Buffer.alloc(HEADER_BYTES + (question?.length ?? 0));
  query.copy(answer, 0, 0, 2);
  // Response, the query's opcode and "recursion desired", "recursion available".
  answer[2] = 0x80 | ((query[2] ?? 0) & 0x79);
  answer[3] = 0x80 | rcode;
  if (question) {
    query.copy(answer, 4, 4, 6);
    question.copy(answer, HEADER_BYTES);
  }
  return answer;
}
