import type { Counter } from 'prom-client';
import type { Logger } from '../log.ts';
import { nowAndThen } from '../now-and-then.ts';

/** Counts each one that there was no room for, and tells the log of them now and then, for each reason by itself. */
export function tellCrowd<R extends string>(log: Logger, sentences: Readonly<Record<R, (count: number, client: string) => string>>, counter?: Counter<'reason'>): (reason: R, client: string) => void {
  const tellers = new Map<R, (client: string) => void>();
  const teller = (reason: R): ((client: string) => void) => {
    const known = tellers.get(reason) ?? nowAndThen<string>((count, client) => log.warn({ reason, client, count }, sentences[reason](count, client)));
    tellers.set(reason, known);
    return known;
  };
  return (reason, client) => {
    counter?.inc({ reason });
    teller(reason)(client);
  };
}
