import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { withRegistryLock } from '../../../registry/lock.ts';
import { rollback } from '../../../registry/registry.ts';
import { Decision, Registry } from '../../../schema/registry.ts';
import type { StageOutcome } from '../../../stages/context.ts';
import { Workspace, reviews } from './rig.ts';

const DATASET = 'sample:com.valar.pintu';

describe('promote, while somebody else changes the registry', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  const models = path.join(workspace.folder, 'models');
  const decision = () => Decision.parse(workspace.json('data/promote/decision.json'));
  const registry = () => Registry.parse(workspace.json('models/registry.json')).datasets[DATASET];
  const rolledBackTo = (version: string) => rollback({ models, dataset: DATASET, version, actor: 'ani', at: '2026-07-02T00:00:00Z', reason: 'it was better' });

  async function learnUntil(last: 'evaluate' | 'promote', alpha: number): Promise<void> {
    workspace.set('train', { 'multinomial-nb': { ...(workspace.params.train?.['multinomial-nb'] as object), alpha } });
    for (const estimator of ['multinomial-nb', 'logistic-regression', 'random-forest'] as const) await workspace.run('train', estimator);
    for (const stage of ['select', 'evaluate', ...(last === 'promote' ? (['promote'] as const) : [])] as const) {
      const outcome = await workspace.run(stage);
      assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
    }
  }

  /** Starts `promote` while the lock is held, and changes the registry before it is let in: its scores are taken by then or later. */
  async function promoteDuring(change: () => unknown): Promise<StageOutcome> {
    let promoting: Promise<StageOutcome> | undefined;
    await withRegistryLock(models, async () => {
      promoting = workspace.run('promote');
      change();
      return { ok: true, value: null };
    });
    return promoting ?? { kind: 'done' };
  }

  test('judges the candidate against who is champion then, not against who was when it began', async () => {
    workspace.write(reviews(300));
    workspace.set('gate', { margin: 1 });
    await learnUntil('promote', 0.3);
    const first = decision().candidate;
    await learnUntil('promote', 0.4);
    const second = decision().candidate;
    await learnUntil('evaluate', 0.5);
    const outcome = await promoteDuring(() => rolledBackTo(first));
    assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
    const { candidate, champion, decision: decided } = decision();
    assert.equal(new Set([first, second, candidate]).size, 3);
    assert.deepEqual([champion, decided], [first, 'promoted']);
    const log = registry()?.log ?? [];
    assert.deepEqual(log.slice(-3).map(({ action, version, previous }) => [action, version, previous]), [['rollback', first, second], ['register', candidate, null], ['promote', candidate, first]]);
  });

  test('does not promote what was rolled back meanwhile', async () => {
    const [candidate, earlier] = [decision().candidate, decision().champion ?? ''];
    await promoteDuring(() => rolledBackTo(earlier));
    assert.deepEqual([decision().decision, registry()?.aliases.champion], ['rejected', earlier]);
    assert.match(decision().reason, new RegExp(`${candidate} was rolled back before`));
  });

  test('says what is wrong with a registry that is cut, and leaves it as it is', async () => {
    mkdirSync(models, { recursive: true });
    writeFileSync(path.join(models, 'registry.json'), '{"format": 1, "data');
    for (const stage of ['promote', 'champion'] as const) {
      const outcome = await workspace.run(stage);
      assert.ok(outcome.kind === 'failed', stage);
      assert.match(outcome.problem, /^Cannot read models\/registry\.json: /);
      assert.match(outcome.remedy, /^bring models\/registry\.json back from a copy/);
      assert.equal(outcome.where, 'models/registry.json');
    }
    assert.equal(workspace.read('models/registry.json'), '{"format": 1, "data');
  });
});
