import { readFileSync } from 'node:fs';
import { errorCode } from './disk.ts';
import type { Problem } from './model.ts';
import { wording } from './wording-load.ts';

/**
 * A variable that is wanted and not set may be the content of a file, which `NAME_FILE` names: that is how containers are
 * given secrets. Sets it in `env`, without the line break at its end; an empty file sets nothing.
 */
export function takeSecretFiles(names: Iterable<string>, env: NodeJS.ProcessEnv): readonly Problem[] {
  const problems: Problem[] = [];
  for (const name of new Set(names)) {
    const file = env[`${name}_FILE`];
    if ((env[name] ?? '') !== '' || file === undefined || file === '') continue;
    try {
      const text = readFileSync(file, 'utf8').trim();
      if (text !== '') env[name] = text;
    } catch (error) {
      problems.push({ kind: 'secret-file', message: wording.secretFile(name, file, errorCode(error) ?? String(error)) });
    }
  }
  return problems;
}
