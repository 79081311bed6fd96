import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { APP, startCollector } from './rig.ts';
import { writtenReviews } from './rows.ts';

const REVIEWS = writtenReviews(700);
const ONCE = path.join(import.meta.dirname, 'once.ts');

describe('a collector that is killed', () => {
  test('at any page, in the first pass and later: the next run has every review once, and says nothing of edits', async () => {
    const made = await startCollector();
    try {
      made.store.set(APP, 'id', REVIEWS.slice(410));
      // Later ones find new reviews on top of what the killed ones left: gaps above gaps.
      for (const [round, from] of [410, 410, 250, 250, 100, 0].entries()) {
        made.store.set(APP, 'id', REVIEWS.slice(from));
        const child = spawn(process.execPath, [ONCE, made.store.url, made.folder], { stdio: 'ignore' });
        // Killed on an answer of the store: in between the process stores what it got before.
        made.store.script((_, index) => {
          if (index === (round % 3) + 1) child.kill('SIGKILL');
          return undefined;
        });
        await new Promise((resolve) => child.once('close', resolve));
      }
      made.store.script({});
      const facts = await made.facts({ overlap: 20 });
      assert.equal(facts.incomplete, false);
      assert.deepEqual(made.exported().map(({ id }) => id), REVIEWS.map(({ id }) => id).toReversed());
      assert.equal(facts.edited, 0);
      assert.deepEqual((await made.memory()).languages.id?.gaps, []);
    } finally {
      await made.close();
    }
  });
});
