import path from 'node:path';
import type { Facts, Json, StageEvent } from '../model.ts';
import type { HostJob, HostSaid, Violation } from './messages.ts';
import { SealError, directFrame, ownFrame } from './violations.ts';
import type { Watch } from './violations.ts';

function refuse(watch: Watch, violation: Violation, message: string): never {
  watch.add(violation);
  throw new SealError(violation, message);
}

/** Asked for by the language and by libraries of any object: never a param. */
const ASKED_OF_ANY_OBJECT = new Set(['then', 'toJSON', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', 'inspect', 'length', 'nodeType', 'asymmetricMatch', '$$typeof']);

/** Whether all of a map is declared: a key that is not in it is not there, and no secret. */
const isWhole = (name: string, { paramKeys }: HostJob): boolean => paramKeys.some((key) => key === '' || key === name || name.startsWith(`${key}.`));

/** The declared params; a key that was not declared stops the stage instead of being undefined. */
function sealedParams(value: Json, prefix: string, watch: Watch): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, sealedParams(child as Json, `${prefix}${key}.`, watch)]));
  if (isWhole(prefix.slice(0, -1), watch.job)) return inner;
  return new Proxy(inner, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || Object.hasOwn(target, key) || ASKED_OF_ANY_OBJECT.has(key)) return Reflect.get(target, key, receiver) as unknown;
      const name = `${prefix}${key}`;
      return refuse(watch, { kind: 'param', name, at: ownFrame(watch.job.roots) }, `The param "${name}" is not declared`);
    },
  });
}

function sealedEnv(env: Readonly<Record<string, string | undefined>>, watch: Watch): Record<string, string | undefined> {
  return new Proxy({ ...env }, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || Object.hasOwn(target, key) || watch.job.envAllowed.includes(key)) return Reflect.get(target, key, receiver) as unknown;
      return refuse(watch, { kind: 'env', name: key, at: ownFrame(watch.job.roots) }, `The environment variable ${key} is not declared`);
    },
  });
}

/** Only the project's own code is held to its declarations: packages look for many variables that are not there. */
export function sealProcessEnv(watch: Watch): void {
  const real = process.env;
  process.env = new Proxy(real, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || Object.hasOwn(target, key) || watch.job.envAllowed.includes(key)) return Reflect.get(target, key, receiver) as unknown;
      const at = directFrame(watch.job.roots);
      if (at === undefined) return undefined;
      return refuse(watch, { kind: 'env', name: key, at }, `The environment variable ${key} is not declared`);
    },
  });
}

/** Characters of a line that are shown while a stage runs; all of it is in its log. */
const SAID_MAX = 300;

/** Builds what the stage gets; its type is stated on the stages' side. */
export function hostContext(job: HostJob, watch: Watch, events: StageEvent[]): unknown {
  const declared = Object.entries(job.paths).sort(([a], [b]) => b.length - a.length);
  return Object.freeze({
    stage: job.stage,
    params: sealedParams(job.params, '', watch),
    item: job.item,
    env: sealedEnv(job.env, watch),
    asOf: job.asOf,
    runRecord: job.runRecord,
    deps: job.deps,
    outs: job.outs,
    path(asked: string): string {
      const normal = path.posix.normalize(asked).replace(/\/$/, '');
      for (const [known, absolute] of declared) {
        if (normal === known) return absolute;
        if (normal.startsWith(`${known}/`)) return path.join(absolute, normal.slice(known.length + 1));
      }
      return refuse(watch, { kind: 'path', name: asked, at: ownFrame(job.roots) }, `The path ${asked} is not declared`);
    },
    log(message: string): void {
      console.log(message);
      process.send?.({ kind: 'said', line: message.slice(0, SAID_MAX) } satisfies HostSaid);
    },
    emit(kind: string, facts: Facts): void {
      events.push({ kind, facts });
    },
  });
}
