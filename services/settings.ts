import { readFileSync } from 'node:fs';
import path from 'node:path';
import { wording } from './wording.ts';

/** Two roots, as everywhere: the code may lie on a read-only disk, everything that is written lies in the workspace. */
export interface Roots {
  readonly code: string;
  readonly workspace: string;
}

export const CODE = path.resolve(import.meta.dirname, '..');

export function rootsOf(workspace: string | undefined): Roots {
  return { code: CODE, workspace: path.resolve(workspace ?? process.env.REPRO_WORKSPACE ?? CODE) };
}

/** A secret of the environment: `NAME`, or the file that `NAME_FILE` names. Empty is none; a file that cannot be read is told. */
export function secretOf(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const direct = env[name]?.trim();
  if (direct !== undefined && direct !== '') return direct;
  const file = env[`${name}_FILE`]?.trim();
  if (file === undefined || file === '') return undefined;
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch (error) {
    throw new UsageError(wording.noSecretFile(name, file, error instanceof Error && 'code' in error ? String(error.code) : String(error)), { cause: error });
  }
}

/** A whole number of a flag or a variable within its range; throws with what was seen. */
export function numberOf(name: string, value: string | undefined, range: { readonly least: number; readonly most: number; readonly otherwise: number }): number {
  if (value === undefined || value.trim() === '') return range.otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < range.least || number > range.most) throw new UsageError(wording.badNumber(name, value, [range.least, range.most]));
  return number;
}

/** Origins of a list with commas, each as browsers send it; throws with what was seen. */
export function originsOf(list: string | undefined): readonly string[] {
  return (list ?? '').split(',').map((one) => one.trim()).filter((one) => one !== '').map((one) => {
    const url = URL.parse(one);
    // A slash at the end is what people copy, and what no browser sends.
    if (url === null || !/^https?:$/.test(url.protocol) || (one !== url.origin && one !== `${url.origin}/`)) throw new UsageError(wording.badOrigin(one));
    return url.origin;
  });
}

/** A wrong flag or variable: told in one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
