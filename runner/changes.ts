import { canonical, compare } from './canonical.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Json, Reason } from './model.ts';
import { wording } from './wording.ts';

/** A side of a comparison: a fingerprint, and the files its code consisted of. */
export interface Side {
  readonly fingerprint: Fingerprint;
  readonly codeFiles: Readonly<Record<string, string>>;
}

const SHOWN_FILES_MAX = 3;

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changedKeys<T extends Json>(before: Readonly<Record<string, T>>, now: Readonly<Record<string, T>>): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  const text = (value: T | undefined): string => (value === undefined ? '' : canonical(value));
  return [...keys].filter((key) => text(before[key]) !== text(now[key])).sort(compare);
}

/** The leaves in which two values differ, so that a change in a large map names the key and not the map. */
function leaves(key: string, before: Json | undefined, now: Json | undefined): readonly Reason[] {
  if (isMap(before) && isMap(now)) {
    return changedKeys(before, now).flatMap((inner) => leaves(key === '' ? inner : `${key}.${inner}`, before[inner], now[inner]));
  }
  return [{ kind: 'param', text: wording.paramChanged(key, before, now) }];
}

function paramChanges(before: Fingerprint, now: Fingerprint): readonly Reason[] {
  return changedKeys(before.params, now.params).flatMap((name) => {
    // "params.yaml:train.lr" is shown as people write it; keys of other files keep the file.
    const key = name.startsWith('params.yaml:') ? name.slice('params.yaml:'.length) : name;
    return leaves(key, before.params[name], now.params[name]);
  });
}

function codeChanges(before: Side, now: Side): readonly Reason[] {
  if (before.fingerprint.code === now.fingerprint.code) return [];
  const files = changedKeys(before.codeFiles, now.codeFiles);
  if (files.length === 0) return [{ kind: 'code', text: wording.codeChanged() }];
  const shown = files.slice(0, SHOWN_FILES_MAX).map((file): Reason => {
    const text = !(file in before.codeFiles) ? wording.codeAdded(file) : !(file in now.codeFiles) ? wording.codeGone(file) : wording.codeFileChanged(file);
    return { kind: 'code', text };
  });
  const rest = files.length - shown.length;
  return rest === 0 ? shown : [...shown, { kind: 'code', text: wording.codeMore(rest) }];
}

function depChanges(before: Fingerprint, now: Fingerprint, writerOf: (path: string) => string | undefined): readonly Reason[] {
  // A dep that was added or removed is a change of the definition; here only the content counts.
  return changedKeys(before.deps, now.deps)
    .filter((dep) => dep in before.deps && dep in now.deps)
    .map((dep) => {
      const [then, since] = [before.deps[dep], now.deps[dep]];
      const text = since === 'absent' ? wording.depGone(dep) : then === 'absent' ? wording.depAppeared(dep) : wording.depChanged(dep);
      return { kind: 'dep', text: text + wording.writtenBy(writerOf(dep)) };
    });
}

/** Why two fingerprints differ, in the order in which a person would look; empty exactly when their hashes are equal. */
export function changesBetween(before: Side, now: Side, writerOf: (path: string) => string | undefined): readonly Reason[] {
  const [old, current] = [before.fingerprint, now.fingerprint];
  const definition = changedKeys(old.definition, current.definition);
  const reasons: readonly Reason[] = [
    ...(canonical(old.command) === canonical(current.command) ? [] : [{ kind: 'command', text: wording.commandChanged() }]),
    ...paramChanges(old, current),
    ...codeChanges(before, now),
    ...changedKeys(old.packages, current.packages).map((name) => ({ kind: 'package', text: wording.packageChanged(name) })),
    ...(definition.length === 0 ? [] : [{ kind: 'definition', text: wording.definitionChanged(definition) }]),
    ...depChanges(old, current, writerOf),
    ...changedKeys(old.state, current.state).filter((ref) => ref in old.state && ref in current.state).map((ref) => ({ kind: 'state', text: wording.stateChanged(ref) })),
    ...changedKeys(old.env, current.env).filter((name) => name in old.env && name in current.env).map((name) => ({ kind: 'env', text: wording.envChanged(name) })),
    ...(canonical(old.item) === canonical(current.item) ? [] : [{ kind: 'item', text: wording.itemChanged(old.item, current.item) }]),
    ...(old.runtime === current.runtime ? [] : [{ kind: 'runtime', text: wording.runtimeChanged(old.runtime, current.runtime) }]),
  ];
  return reasons;
}
