import type { IncomingMessage } from 'node:http';
import { wording } from '../wording.ts';
import { RequestProblem } from './problem.ts';

/** Enough for 1,000 long reviews. */
export const BODY_MAX = 4 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new RequestProblem({ status: 400, detail: wording.notUtf8 });
  }
}

/** What a person sees of a parser's complaint never repeats the body. */
const withoutQuote = (message: string): string => message.replace(/, ".*$/s, '').replace(/"[^"]*"\.\.\. /s, '');

/** Reads a JSON body of a bounded size. What is no JSON, packed, too large, or not in UTF-8 is the client's problem. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') throw new RequestProblem({ status: 415, detail: wording.wrongType(type) });
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') throw new RequestProblem({ status: 415, detail: wording.packed(encoding), headers: { 'Accept-Encoding': 'identity' } });
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX) throw new RequestProblem({ status: 413, detail: wording.tooLarge(BODY_MAX), headers: { Connection: 'close' } });
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > BODY_MAX) throw new RequestProblem({ status: 413, detail: wording.tooLarge(BODY_MAX), headers: { Connection: 'close' } });
    parts.push(part);
  }
  const text = decode(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestProblem({ status: 400, detail: wording.notJson(withoutQuote(error instanceof Error ? error.message : String(error))) });
  }
}
