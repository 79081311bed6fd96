import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { realDisk } from '../../../runner/disk.ts';
import { pruneCache } from '../../../runner/prune.ts';
import { rig } from './rig.ts';

describe('the cache', () => {
  test('going back to earlier params restores, without running', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'] }, b: { deps: ['out/a'], outs: ['out/b'] } });
    made.params = { x: 'A' };
    await made.run();
    made.params = { x: 'B' };
    assert.deepEqual(await made.states(), { a: 'ran', b: 'ran' });
    made.params = { x: 'A' };
    const run = await made.record();
    assert.deepEqual(run.stages.map(({ state }) => state), ['restored', 'restored']);
    assert.deepEqual(made.ran, []);
    assert.equal(made.read('out/a'), 'a({"x":"A"})');
    assert.ok(run.secondsSaved >= 2, String(run.secondsSaved));
    assert.equal(await made.states(), 'nothing');
  });

  test('a missing out is restored, and the reason says so', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    made.delete('out');
    assert.deepEqual(await made.reasons('a'), ['out out/a is missing']);
    assert.deepEqual(made.ran, []);
    assert.equal(made.read('out/a'), 'a({})');
  });

  test('an out changed by hand is noticed, kept aside and told of', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    made.write('out/a', 'my own version');
    const run = await made.record();
    assert.deepEqual(run.stages[0]?.reasons.map(({ text }) => text), ['out out/a was changed by hand']);
    assert.equal(run.stages[0]?.state, 'restored');
    assert.equal(made.read('out/a'), 'a({})');
    const kept = `.repro/kept/${run.id}/out/a`;
    assert.equal(made.read(kept), 'my own version');
    assert.deepEqual(made.warnings(), [`"out/a" was changed by hand: your version is kept in ${kept}`]);
  });

  test('a folder comes back whole: empty folders, links, executable files; what was added by hand is kept aside', async (t) => {
    const made = rig(t).declare({
      a: {
        outs: ['out'],
        does: (job) => {
          const out = job.paths.out ?? '';
          mkdirSync(path.join(out, 'empty'), { recursive: true });
          writeFileSync(path.join(out, 'tool'), '#!/bin/sh');
          chmodSync(path.join(out, 'tool'), 0o755);
          writeFileSync(path.join(out, 'name with ünïcode\nand a line break'), 'x');
          symlinkSync('nowhere', path.join(out, 'dangling'));
        },
      },
    });
    await made.run();
    made.delete('out/tool');
    made.write('out/by-hand', 'hello');
    const run = await made.record();
    assert.equal(run.stages[0]?.state, 'restored');
    assert.deepEqual(made.list('out'), ['dangling', 'empty', 'name with ünïcode\nand a line break', 'tool']);
    assert.notEqual(statSync(made.file('out/tool')).mode & 0o100, 0);
    assert.ok(lstatSync(made.file('out/dangling')).isSymbolicLink());
    assert.equal(made.read(`.repro/kept/${run.id}/out/by-hand`), 'hello');
    assert.equal(await made.states(), 'nothing');
  });

  test('a restored out can be edited without harm to the cache', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    made.delete('out');
    await made.run();
    made.write('out/a', 'scribble');
    await made.run();
    assert.equal(made.read('out/a'), 'a({})');
  });

  test('pruned, it holds the last good results alone: those come back, earlier ones run again', async (t) => {
    const folder = (text: string) => (job: { readonly paths: Readonly<Record<string, string>> }): void => {
      mkdirSync(job.paths.out ?? '', { recursive: true });
      writeFileSync(path.join(job.paths.out ?? '', 'part'), text);
    };
    const made = rig(t);
    const declare = (text: string): void => void made.declare({ a: { params: ['x'], outs: ['out'], does: folder(text) }, b: { params: ['x'], outs: ['own/b'] } });
    declare('secret of before');
    made.params = { x: 'A' };
    await made.run();
    made.params = { x: 'B' };
    declare('now');
    await made.run();
    // A folder is two objects, its list and its file.
    assert.equal((await pruneCache({ disk: realDisk, workspace: made.workspace })).objects, 3);
    const objects = made.list('.repro/cache/objects').flatMap((first) => made.list(`.repro/cache/objects/${first}`).map((rest) => made.read(`.repro/cache/objects/${first}/${rest}`)));
    assert.deepEqual([objects.length, objects.some((object) => object.includes('secret'))], [3, false]);
    assert.equal(made.list('.repro/cache/runs').flatMap((first) => made.list(`.repro/cache/runs/${first}`)).length, 2);
    made.delete('out');
    made.delete('own');
    assert.deepEqual((await made.record()).stages.map(({ state }) => state), ['restored', 'restored']);
    assert.equal(made.read('out/part'), 'now');
    made.params = { x: 'A' };
    assert.deepEqual(await made.states(), { a: 'ran', b: 'ran' });
    assert.equal((await pruneCache({ disk: realDisk, workspace: path.join(made.workspace, 'nowhere') })).objects, 0);
  });

  test('a damaged object is set aside and the stage runs again', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    const [folder = ''] = made.list('.repro/cache/objects');
    const [object = ''] = made.list(`.repro/cache/objects/${folder}`);
    const file = `.repro/cache/objects/${folder}/${object}`;
    chmodSync(made.file(file), 0o644);
    made.write(file, 'rotten');
    made.delete('out');
    assert.deepEqual(await made.states(), { a: 'ran' });
    assert.deepEqual(made.list('.repro/cache/bad'), [folder + object]);
    assert.deepEqual(made.warnings(), ['the cached copy of "out/a" is damaged: it is set aside and "a" runs again']);
    assert.equal(made.read('out/a'), 'a({})');
    made.delete('out');
    assert.deepEqual(await made.states(), { a: 'restored' });
  });

  test('a manifest that points out of its folder is not followed', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out'], does: (job) => { mkdirSync(job.paths.out ?? ''); writeFileSync(path.join(job.paths.out ?? '', 'x'), 'x'); } } });
    await made.run();
    const record = JSON.parse(made.read('.repro/stages/a.json'));
    const hash: string = record.outs.out;
    const manifest = `.repro/cache/objects/${hash.slice(0, 2)}/${hash.slice(2, 64)}`;
    made.delete(manifest);
    made.write(manifest, JSON.stringify([['../../escaped', 'empty']]));
    made.delete('out');
    assert.deepEqual(await made.states(), { a: 'ran' });
    assert.ok(!made.has('../escaped') && !made.has('escaped'));
  });

  test('an out with cache: false is hashed, but its stage is never restored', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: [{ path: 'out/a', cache: false }] } });
    made.params = { x: 1 };
    await made.run();
    made.params = { x: 2 };
    await made.run();
    made.params = { x: 1 };
    assert.deepEqual(await made.states(), { a: 'ran' });
    made.write('out/a', 'other');
    assert.deepEqual(await made.reasons('a'), ['out out/a was changed by hand']);
    assert.deepEqual(made.list('.repro/cache'), []);
  });

  test('--force, always_changed and an expired `fresh` run, whatever the cache holds', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], freshSeconds: 60 } });
    await made.run();
    assert.deepEqual(await made.states({ force: true }), { a: 'ran' });
    made.nowMs += 3600_000;
    assert.deepEqual(await made.states(), { a: 'ran' });
  });

  test('an earlier result that is too old for `fresh` is not restored', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'], freshSeconds: 60 } });
    made.params = { x: 'A' };
    await made.run();
    made.params = { x: 'B' };
    await made.run();
    made.params = { x: 'A' };
    assert.deepEqual(await made.states(), { a: 'restored' });
    made.params = { x: 'B' };
    await made.run();
    made.nowMs += 3600_000;
    made.params = { x: 'A' };
    assert.deepEqual(await made.states(), { a: 'ran' });
  });

  test('a persistent out is found in place by its stage', async (t) => {
    let found = '';
    const made = rig(t).declare({
      a: {
        params: ['x'],
        outs: [{ path: 'out/a', persist: true }],
        does: (job) => {
          found = made.has('out/a') ? made.read('out/a') : 'nothing';
          writeFileSync(job.paths['out/a'] ?? '', `${found}+`);
        },
      },
    });
    await made.run();
    assert.equal(found, 'nothing');
    made.params = { x: 2 };
    await made.run();
    assert.equal(found, 'nothing+');
  });

  test('other outs are gone before a stage runs', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], does: (job) => { assert.ok(!made.has('out/a')); writeFileSync(job.paths['out/a'] ?? '', 'x'); } } });
    await made.run();
    assert.deepEqual(await made.states({ force: true }), { a: 'ran' });
  });

  test('what a stage told is told again when it is restored', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'], does: (job) => { writeFileSync(job.paths['out/a'] ?? '', JSON.stringify(job.params)); return { headline: `x is ${JSON.stringify(job.params)}`, facts: { rows: 3 } }; } } });
    made.params = { x: 1 };
    await made.run();
    made.params = { x: 2 };
    await made.run();
    made.params = { x: 1 };
    const [report] = (await made.record()).stages;
    assert.deepEqual([report?.state, report?.headline, report?.facts], ['restored', 'x is {"x":1}', { rows: 3 }]);
  });
});
