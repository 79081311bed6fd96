import { readFileSync } from 'node:fs';
import type { Read, RecordsProblem } from './problem.ts';

/** The first byte that is not UTF-8, by halving: the decoder itself only says that there is one. */
function firstBadByte(bytes: Uint8Array): number {
  const decodes = (end: number, stream = true): boolean => {
    try {
      // `stream` lets a character be cut at the end; what comes before must be whole.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream });
      return true;
    } catch {
      // That is the answer: this part does not decode.
      return false;
    }
  };
  let [low, high] = [0, bytes.length];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (decodes(middle)) low = middle;
    else high = middle;
  }
  // The first byte of a character that never ends is the bad one, not the byte after it.
  while (low > 0 && !decodes(low, false)) low--;
  return low;
}

/** A whole text file, without its byte order mark. */
export function readText(file: string, shown = file): Read<string> {
  const failed = (problem: RecordsProblem): Read<string> => ({ ok: false, problem });
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return failed({ kind: 'absent', file: shown });
    if (code === 'ERR_ACCESS_DENIED') throw error;
    return failed({ kind: 'unreadable', file: shown, why: error instanceof Error ? error.message : String(error) });
  }
  try {
    return { ok: true, rows: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    // Not UTF-8: say where.
    const byte = firstBadByte(bytes);
    const line = bytes.subarray(0, byte).filter((value) => value === 10).length + 1;
    return failed({ kind: 'encoding', file: shown, byte, line });
  }
}
