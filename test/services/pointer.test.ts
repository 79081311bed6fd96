import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { chooseRelease } from '../../services/release/choose.ts';
import type { Choice } from '../../services/release/choose.ts';
import { Deployment, until } from './rig.ts';

let deployment: Deployment;
let choice: Choice;
/** What was told, in its order: each sentence with what it is about. */
let told: string[];
beforeEach(() => {
  deployment = new Deployment();
  told = [];
  const tell = (kind: string) => (id: string, sentence: string): void => void told.push(`${kind} ${id}: ${sentence}`);
  choice = chooseRelease({ workspace: deployment.workspace, onTaken: ({ id }) => void told.push(`taken ${id}`), onRefused: tell('refused'), onGone: tell('gone') });
});
afterEach(async () => {
  choice.current()?.reviews?.close();
  await deployment.remove();
});

/** Looks as often as a server does in a while. */
async function look(): Promise<string | null> {
  for (let time = 0; time < 3; time++) await choice.look();
  return choice.trouble();
}

const losePointer = (): void => rmSync(deployment.at('releases/current'));
const NO_POINTER = 'releases/current leads to no release, so release r1 goes on being served: run  pnpm repro site --force --single  for another one';
const GONE = 'release r1 is served from memory, as it is no longer on the disk: run  pnpm repro site --force --single  for another one';

describe('a pointer that is lost while a release serves', () => {
  beforeEach(async () => {
    deployment.release('r1', null);
    await look();
    told = [];
  });

  test('is refused with its reason and told once; the release goes on', async () => {
    losePointer();
    assert.equal(await look(), NO_POINTER);
    assert.deepEqual([told, choice.current()?.id], [[`refused current: ${NO_POINTER}`], 'r1']);
  });

  test('and comes back is no trouble any more; lost once more it is told once more', async () => {
    losePointer();
    await look();
    deployment.point('r1');
    assert.equal(await look(), null);
    losePointer();
    await look();
    assert.equal(told.length, 2);
  });

  test('and comes back to another release is followed', async () => {
    losePointer();
    await look();
    deployment.release('r2', null);
    assert.deepEqual([await look(), told.at(-1)], [null, 'taken r2']);
  });

  test('after it led to a broken release is what is wrong now, and the other way round', async () => {
    mkdirSync(deployment.at('releases/r2'));
    deployment.point('r2');
    assert.match((await look()) ?? '', /^release r2 is refused/);
    losePointer();
    assert.equal(await look(), NO_POINTER);
    deployment.point('r2');
    assert.match((await look()) ?? '', /^release r2 is refused/);
    assert.equal(told.length, 3);
  });

  test('is told by the server: in health, metrics and one line of the log, until it is back', async () => {
    const lines: { readonly level: number; readonly msg: string }[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
    const base = await deployment.serve({ log });
    const health = async (): Promise<{ readonly status: string; readonly detail?: string }> => (await fetch(`${base}/healthz`)).json() as Promise<{ status: string; detail?: string }>;
    const refused = async (): Promise<string | undefined> => /^ulasan_release_refused (\d)$/m.exec(await (await fetch(`${base}/metrics`)).text())?.[1];
    assert.deepEqual([(await health()).status, await refused()], ['ok', '0']);
    losePointer();
    const { detail } = await until(async () => ((await health()).status === 'degraded' ? health() : undefined), 'the trouble');
    assert.deepEqual([detail, await refused(), lines.map(({ msg }) => msg)], [NO_POINTER, '1', [NO_POINTER]]);
    deployment.point('r1');
    await until(async () => ((await health()).status === 'ok' ? true : undefined), 'its end');
    assert.equal(await refused(), '0');
  });
});

describe('a release that leaves the disk while it serves', () => {
  const away = (): void => renameSync(deployment.at('releases/r1'), deployment.at('aside'));
  const back = (): void => renameSync(deployment.at('aside'), deployment.at('releases/r1'));
  beforeEach(async () => {
    deployment.release('r1', null);
    await look();
    told = [];
  });

  test('is told once, and is no trouble any more when it is back', async () => {
    away();
    assert.equal(await look(), GONE);
    assert.deepEqual(told, [`gone r1: ${GONE}`]);
    back();
    assert.equal(await look(), null);
  });

  test('together with the pointer, and comes back with it, leaves no trouble behind', async () => {
    away();
    await look();
    losePointer();
    assert.equal(await look(), NO_POINTER);
    back();
    assert.equal(await look(), NO_POINTER);
    deployment.point('r1');
    assert.equal(await look(), null);
    assert.deepEqual(told.map((line) => line.split(':', 1)[0]), ['gone r1', 'refused current']);
  });

  test('while the pointer leads to a broken one is told, too', async () => {
    mkdirSync(deployment.at('releases/r2'));
    deployment.point('r2');
    await look();
    away();
    await look();
    assert.deepEqual(told.map((line) => line.split(':', 1)[0]), ['refused r2', 'gone r1']);
  });
});

describe('a pointer that goes while nothing serves', () => {
  test('takes the trouble of where it led with it', async () => {
    mkdirSync(deployment.at('releases/r1'), { recursive: true });
    deployment.point('r1');
    assert.match((await look()) ?? '', /^release r1 is refused, and no other one is whole: .*; run {2}pnpm repro site --force --single$/);
    losePointer();
    assert.equal(await look(), null);
  });
});
