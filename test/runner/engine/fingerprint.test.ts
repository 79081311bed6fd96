import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonical } from '../../../runner/canonical.ts';
import { changesBetween } from '../../../runner/changes.ts';
import { cacheKey, fingerprintHash, fingerprintOf } from '../../../runner/fingerprint.ts';
import type { Fingerprint } from '../../../runner/fingerprint.ts';
import { stage } from './rig.ts';
import type { StageSketch } from './rig.ts';

const sketch: StageSketch = {
  deps: ['data/b.csv', 'data/a.csv', 'extra?'],
  outs: ['out/model', { path: 'out/log', cache: false, persist: true }],
  params: ['train.lr'],
  env: ['TOKEN'],
  needs: ['network'],
  state: [{ path: 'registry.json', selector: '/champion' }, { path: 'history', rerun: false }],
  effects: { check: 'check.ts', targets: ['store'] },
  item: { estimator: 'nb' },
};
const inputs = {
  deps: { 'data/a.csv': 'aa', 'data/b.csv': 'bb', extra: 'absent' },
  params: { 'params.yaml:train.lr': 0.1 },
  code: { hash: 'cc', files: { 'x.ts': '1' }, packages: { natural: 'nn' } },
  state: { 'registry.json#/champion': 'ss', history: 'hh' },
  env: { TOKEN: 'secret' },
  nodeVersion: '26.10.0',
};
const of = (change: Partial<StageSketch> = {}, other: Partial<typeof inputs> = {}, name = 'train'): Fingerprint => fingerprintOf(stage(name, { ...sketch, ...change }), { ...inputs, ...other });

describe('the fingerprint', () => {
  test('has this hash: whoever changes it raises the version', () => {
    assert.equal(of().version, 1);
    assert.equal(fingerprintHash(of()), 'c926011991d579fb4a3f2a53d3d561a0378724ec32b7171e1e6bf1f34237886e');
    assert.equal(cacheKey(fingerprintHash(of()), inputs.state), '4e2eb6d0dcde9b89a16944cb1311337fe18d878cdb5c366e207f656eb625c511');
  });

  test('does not know the name, the description or when to run', () => {
    const expected = fingerprintHash(of());
    assert.equal(fingerprintHash(of({ desc: 'another', command: 'do train' }, {}, 'renamed')), expected);
    for (const change of [{ when: 'x#y' }, { freshSeconds: 60 }, { frozen: true }, { alwaysChanged: true }, { finally: 'any' as const }]) {
      assert.equal(fingerprintHash(of({ command: 'do train', ...change })), expected, JSON.stringify(change));
    }
  });

  test('does not depend on the order of declarations', () => {
    const shuffled = { deps: ['extra?', 'data/a.csv', 'data/b.csv'], outs: [{ path: 'out/log', cache: false, persist: true }, 'out/model'] };
    const other = { deps: { extra: 'absent', 'data/b.csv': 'bb', 'data/a.csv': 'aa' } };
    assert.equal(fingerprintHash(of(shuffled, other)), fingerprintHash(of()));
  });

  test('differs with each of its parts, and the reasons are never empty then', () => {
    const changed: readonly Fingerprint[] = [
      of({ command: 'do something else' }),
      of({ wdir: 'sub' }),
      of({ deps: ['data/b.csv', 'data/a.csv'] }),
      of({ deps: ['data/b.csv', 'data/a.csv', 'extra'] }),
      of({ outs: ['out/model'] }),
      of({ outs: ['out/model', { path: 'out/log', cache: true, persist: true }] }),
      of({ outs: ['out/model', { path: 'out/log', cache: false, persist: false }] }),
      of({ env: [] }),
      of({ needs: [] }),
      of({ state: [] }),
      of({ effects: undefined }),
      of({ item: { estimator: 'lr' } }),
      of({}, { deps: { ...inputs.deps, 'data/a.csv': 'a2' } }),
      of({}, { deps: { ...inputs.deps, extra: 'ee' } }),
      of({}, { params: { 'params.yaml:train.lr': 0.2 } }),
      of({}, { code: { ...inputs.code, hash: 'c2' } }),
      of({}, { code: { ...inputs.code, packages: { natural: 'n2' } } }),
      of({}, { state: { ...inputs.state, 'registry.json#/champion': 's2' } }),
      of({}, { env: { TOKEN: 'other' } }),
      of({}, { nodeVersion: '27.0.0' }),
    ];
    const base = { fingerprint: of(), codeFiles: {} };
    const hashes = new Set(changed.map(fingerprintHash));
    assert.equal(hashes.size, changed.length);
    assert.ok(!hashes.has(fingerprintHash(base.fingerprint)));
    for (const fingerprint of changed) assert.notEqual(changesBetween(base, { fingerprint, codeFiles: {} }, () => undefined).length, 0, canonical(fingerprint));
    assert.deepEqual(changesBetween(base, base, () => undefined), []);
  });

  test('state with rerun: false is in the key of the run cache only', () => {
    const state = { ...inputs.state, history: 'h2' };
    assert.equal(fingerprintHash(of({}, { state })), fingerprintHash(of()));
    assert.notEqual(cacheKey('f', state), cacheKey('f', inputs.state));
  });
});

describe('canonical text', () => {
  test('tells types apart and sorts keys by code unit', () => {
    const texts = [1, '1', true, 'true', null, 'null', [], {}, Number.NaN, Number.POSITIVE_INFINITY, { a: null }].map(canonical);
    assert.equal(new Set(texts).size, texts.length);
    assert.equal(canonical({ b: 1, B: 2, ä: 3, a: [{ y: 1, x: 2 }] }), '{"B":2,"a":[{"x":2,"y":1}],"b":1,"ä":3}');
  });
});
