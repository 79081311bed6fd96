import type { Wording } from '../wording/en.ts';

type ReasonWord = keyof Wording['runs']['reasons'];

/** The runner's kinds of reasons, by the words of the report; `null` where the runner's own text says no more than the word. */
const WORDS: Readonly<Record<string, ReasonWord>> = {
  param: 'param', code: 'code', dep: 'dep', command: 'command', package: 'package', definition: 'definition', state: 'state', env: 'env', item: 'item', runtime: 'runtime', forced: 'forced', always: 'always',
  finally: 'finally', 'never-ran': 'first', attempt: 'attempt', age: 'age', receipt: 'receipt', 'out-missing': 'out', 'out-changed': 'out', edited: 'dep', when: 'held', frozen: 'frozen', upstream: 'upstream',
  stopped: 'upstream', interrupted: 'attempt',
};

/** Kinds whose text names something: a key, a file, a stage. The name is what stays when the sentence is translated. */
const NAMED = /(?:params |code: |dep |out |package |state |env |held by )([^\s:]+)(?:: (.+? -> .+))?/;

/** A reason of the runner in the language of the page, with the name and the values it is about. */
export function reasonText({ kind, text }: { readonly kind: string; readonly text: string }, { runs: { reasons } }: Wording): { readonly says: string; readonly about: string } {
  const word = WORDS[kind];
  if (word === undefined) return { says: reasons.other, about: text };
  const named = NAMED.exec(text);
  const about = named === null ? (kind === 'upstream' || kind === 'stopped' ? (/^(?:not started as )?(\S+)/.exec(text)?.[1] ?? '') : '') : [named[1], named[2]].filter((part) => part !== undefined).join(': ');
  return { says: reasons[word], about };
}
