import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Message } from '../../services/notify/message.ts';
import { Receiver } from '../services/receiver.ts';
import { Pipeline } from './rig.ts';

/** Reviews of a file: the first month is praise in Indonesian, the second complains in English. */
function csv(months: number): string {
  const rows = Array.from({ length: 300 * months }, (_, index) => {
    const isLater = index >= 300;
    const at = new Date(Date.UTC(2026, isLater ? 1 : 0, 1, 0, (index % 300) * 120)).toISOString();
    const kinds: readonly (readonly [number, string])[] = isLater ? [[1, 'cannot log in since the update, it is terrible and slow']] : [[5, 'aplikasi bagus dan cepat, mudah dipakai'], [4, 'cukup bagus untuk pemula'], [1, 'gagal terus, saldo saya hilang'], [3, 'biasa saja, lumayan']];
    const [rating = 5, text = ''] = kinds[index % kinds.length] ?? [];
    return `r${index},${at},${rating},"${text} ${(index * 7919) % 1000}"`;
  });
  return `id,at,rating,text\n${rows.join('\n')}\n`;
}

describe('the team is told by webhook', () => {
  const pipeline = new Pipeline();
  const receiver = new Receiver();
  const received = (): readonly Message[] => receiver.received.map(({ body }) => JSON.parse(body) as Message);
  const file = path.join(pipeline.workspace, 'reviews.csv');
  const source = ['--set', 'collect.source=file', '--set', `collect.path=${file}`, '--set', 'train.folds=2', '--set', 'train.random-forest.trees=4'];
  before(async () => {
    await receiver.start();
    pipeline.env = { ALERT_WEBHOOK_URL: receiver.url };
    writeFileSync(file, csv(1));
    const first = await pipeline.repro(...source, 'champion');
    assert.equal(first.status, 0, first.output);
    assert.deepEqual(received(), []);
  });
  after(() => {
    receiver.stop();
    pipeline.remove();
  });

  test('of drift: what drifted, by how many reviews, and what follows', async () => {
    writeFileSync(file, csv(2));
    assert.equal((await pipeline.repro(...source, 'drift')).status, 0);
    assert.deepEqual(received().map(({ kind, stage, severity }) => [kind, stage, severity]), [['drift', 'drift', 'info']]);
    assert.match(received()[0]?.text ?? '', /The reviews drifted: .*label.*\nfile:com\.valar\.pintu, on .*\n300 new reviews differ from what the champion learned from/);
  });

  test('of stale data: which rule, how old it is, and the limit', async () => {
    receiver.received.length = 0;
    writeFileSync(file, `${csv(2)}one-more,2026-02-28T00:00:00Z,4,"bagus"\n`);
    await pipeline.repro(...source, '--set', 'watch.sources=[file]', 'validate');
    assert.deepEqual(received().map(({ kind, stage, facts }) => [kind, stage, facts.rule]), [['stale-data', 'watch', 'freshness']]);
    assert.match(received()[0]?.text ?? '', /The newest review is too old\nfile:com\.valar\.pintu, on .*\n[\d.]+ hours; the limit is 168/);
  });

  test('of a stage that failed: why, and what to do', async () => {
    receiver.received.length = 0;
    writeFileSync(file, 'id,at\nr1,2026-01-01T00:00:00Z\n');
    assert.equal((await pipeline.repro(...source, 'collect')).status, 1);
    assert.deepEqual(received().map(({ kind, stage, severity }) => [kind, stage, severity]), [['stage-failed', 'collect', 'error']]);
    assert.match(received()[0]?.text ?? '', /The stage collect failed\n.*\n.*rating/s);
    assert.notEqual(received()[0]?.next, '');
  });
});
