import path from 'node:path';
import { canonical } from './canonical.ts';
import { parseJson, readText } from './disk.ts';
import { stateName } from './fingerprint.ts';
import type { Hashes } from './hash.ts';
import { hashText } from './hash.ts';
import type { Json, Selected, Stage } from './model.ts';

function child(value: Json | undefined, token: string): Json | undefined {
  if (value === null || value === undefined || typeof value !== 'object') return undefined;
  return Object.hasOwn(value, token) ? (value as { readonly [key: string]: Json })[token] : undefined;
}

/** Follows a JSON pointer ("/datasets/x~1y", RFC 6901) or a dotted path ("retrain", "drift.score"); undefined where it ends. */
export function select(value: Json, selector: string): Json | undefined {
  const tokens = selector.startsWith('/')
    ? selector.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    : selector.split('.');
  let at: Json | undefined = value;
  for (const token of tokens) at = child(at, token);
  return at;
}

/** Value of `file#selector` in the workspace: undefined where file or key are absent, or the file is not JSON. */
export function readSelected(selected: Selected & { readonly selector: string }, workspace: string): Json | undefined {
  const text = readText(path.resolve(workspace, selected.path));
  const value = text === undefined ? undefined : parseJson(text);
  return value === undefined ? undefined : select(value, selected.selector);
}

/** What each state of a stage is now: the hash of its canonical JSON, of the whole file without a selector, or "absent". */
export async function readState(stage: Stage, workspace: string, hashes: Hashes): Promise<{ readonly [ref: string]: string }> {
  const values: { [ref: string]: string } = {};
  for (const ref of stage.state) {
    const { selector } = ref;
    if (selector === undefined) values[stateName(ref)] = (await hashes.path(path.resolve(workspace, ref.path))) ?? 'absent';
    else {
      const value = readSelected({ ...ref, selector }, workspace);
      values[stateName(ref)] = value === undefined ? 'absent' : hashText(canonical(value));
    }
  }
  return values;
}

/**
 * Whether the condition of a stage lets new data in. Only a value that is there and false (false, 0, null, "") holds a stage:
 * a condition that nobody has written yet must not keep a stage from running.
 */
export function isConditionMet(stage: Stage, workspace: string): boolean {
  const { when } = stage;
  if (when === undefined) return true;
  const { selector } = when;
  if (selector === undefined) return readText(path.resolve(workspace, when.path))?.trim() !== 'false';
  const value = readSelected({ ...when, selector }, workspace);
  return value === undefined || Boolean(value);
}
