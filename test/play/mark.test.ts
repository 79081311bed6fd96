import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { writtenReviews } from './rows.ts';
import type { Written } from './rows.ts';
import type { Behaviour } from './store.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(700);
const shelve = (reviews: readonly Written[]): void => made.store.set(APP, 'id', reviews);
const day = (number: number): string => new Date(Date.UTC(2026, 6, number, 7)).toISOString();
const broken = (behaviour: Behaviour): void => made.store.script(() => behaviour);
const healthy = (): void => made.store.script({});
const rows = (): number => made.exported().length;
const events = (): readonly string[] => made.events.splice(0).map(({ kind, facts }) => `${kind} ${String(facts.why)}`);
/** How a run ended: with so many rows, all of them or not, or with what was said. */
async function ran(number: number, play = {}): Promise<string> {
  const outcome = await made.run({ retries: 0, ...play }, day(number));
  return outcome.kind === 'failed' ? outcome.problem : `${outcome.facts?.rows} ${outcome.facts?.incomplete === true ? 'open' : 'whole'}`;
}

const NULL: Behaviour = { kind: 'token', token: null };
const AT_ANOTHER_PLACE: readonly (readonly [string, Behaviour, string])[] = [
  ['deeper', { kind: 'paging', change: (next) => [['x', null, [next]]] }, '[1][2][0]'],
  ['one further', { kind: 'paging', change: (next) => [['x', null], [next]] }, '[2][0]'],
  ['one up', { kind: 'paging', change: (next) => [next] }, '[1]'],
];
const UNMARKED = /^The store's format changed, .* page 1 is full and names no next one, though more reviews are known/;

describe('a mark of the next page that is not where it was', () => {
  for (const [name, behaviour, place] of AT_ANOTHER_PLACE) {
    test(`but ${name}: is reported as a changed format also by the very first run, with the place, and all comes in when it is back`, async () => {
      shelve(REVIEWS);
      broken(behaviour);
      const said = await ran(1);
      assert.ok(said.startsWith("The store's format changed") && said.includes(`something like it stands at ${place}`), said);
      assert.deepEqual([events(), made.answers().length], [['format-changed strange'], 1]);
      healthy();
      assert.equal(await ran(2), '700 whole');
    });
  }

  test('and nowhere else, in the very first run: the run says that there may be more, and the next one asks again', async () => {
    shelve(REVIEWS);
    broken(NULL);
    assert.equal(await ran(1), '150 open');
    assert.deepEqual(events(), ['collect-incomplete unclear']);
    healthy();
    assert.equal(await ran(2), '700 whole');
    assert.deepEqual(events(), []);
  });

  test('for longer: as soon as a review came in that pushes a known one off the page it is a changed format, told by every run until the mark is back, and then all comes in', async () => {
    shelve(REVIEWS.slice(10));
    broken(NULL);
    assert.deepEqual([await ran(1), await ran(2), await ran(3)], ['150 open', '150 open', '150 whole'], 'an app of just so many reviews looks like this, too');
    events();
    shelve(REVIEWS.slice(9));
    assert.equal(await ran(4), '151 open');
    for (const number of [5, 6]) assert.match(await ran(number), UNMARKED);
    for (const number of [7, 8, 40]) assert.equal(await ran(number), '151 open', 'no run fails for ever');
    assert.deepEqual(events(), ['collect-incomplete unclear', 'format-changed strange', 'format-changed strange', ...Array.from({ length: 3 }, () => 'collect-incomplete unclear')]);
    shelve(REVIEWS);
    healthy();
    await ran(41);
    assert.equal(await ran(42), '700 whole', 'a full pass follows when the mark is back');
    events();
    assert.equal(await ran(43), '700 whole');
    assert.deepEqual(events(), []);
  });

  test('and more new reviews than a page has: nothing below it counts as fetched, however long it lasts', async () => {
    shelve(REVIEWS.slice(460));
    assert.equal(await ran(1), '240 whole');
    shelve(REVIEWS.slice(260));
    broken(NULL);
    for (const number of [2, 3]) assert.match(await ran(number), UNMARKED);
    for (const number of [4, 5]) assert.equal(await ran(number), '390 open');
    assert.deepEqual(events(), ['format-changed strange', 'format-changed strange', 'collect-incomplete unclear', 'collect-incomplete unclear']);
    healthy();
    assert.equal(await ran(6), '440 whole');
  });

  test('for a moment: it is asked for again at once', async () => {
    shelve(REVIEWS);
    made.store.script({ 0: NULL, 3: NULL });
    assert.equal(await ran(1), '700 whole');
    assert.equal(made.store.requests.length, 5 + 2);
    made.store.script({ 0: NULL });
    assert.equal(await ran(2), '700 whole');
    assert.deepEqual(events(), []);
  });
});

describe('a text that looks like a mark', () => {
  // Beside the mark at its place, on every page.
  const beside: Behaviour = { kind: 'paging', change: (next) => [['x', next], ['CsUBIrwBATWeoiZZwd56AlBx']] };

  test('and stands beside the mark is nothing', async () => {
    shelve(REVIEWS);
    broken(beside);
    assert.deepEqual([await ran(1), await ran(2), events()], ['700 whole', '700 whole', []]);
  });

  test('is no reason to fail for ever: an app of exactly one page is told by every run after two, until there is one review more', async () => {
    shelve(REVIEWS.slice(-150));
    broken(beside);
    for (const number of [1, 2]) assert.match(await ran(number), /something like it stands at \[2\]\[0\]/);
    for (const number of [3, 4, 40]) assert.equal(await ran(number), '150 open');
    shelve(REVIEWS.slice(-151));
    await ran(41);
    assert.equal(await ran(42), '151 whole');
    events();
    assert.deepEqual([await ran(43), events()], ['151 whole', []]);
  });
});

describe('a list that ends on a full page', () => {
  for (const count of [150, 300]) {
    test(`of ${count} reviews is told for two runs, then believed, and costs one page from then on; deletions are noticed`, async () => {
      const reviews = REVIEWS.slice(-count);
      shelve(reviews);
      assert.deepEqual([await ran(1), await ran(2), await ran(3)], [`${count} open`, `${count} open`, `${count} whole`]);
      assert.deepEqual(events(), ['collect-incomplete unclear', 'collect-incomplete unclear']);
      const asks = made.store.requests.length;
      assert.deepEqual([await ran(4), made.store.requests.length - asks], [`${count} whole`, 1]);
      for (const number of [40, 80]) assert.equal(await ran(number), `${count} whole`, 'full passes believe it at once');
      shelve([...REVIEWS.slice(-count - 1, -count), ...reviews.filter((_, index) => index !== 5)]);
      for (const number of [120, 160, 200]) assert.equal(await ran(number), number < 160 ? `${count + 1} whole` : `${count} whole`);
      assert.deepEqual(events(), []);
    });
  }

  test('after its oldest review was deleted: fails two runs at most, and deletes nothing by mistake', async () => {
    shelve(REVIEWS.slice(-151));
    await ran(1);
    shelve(REVIEWS.slice(-151, -1));
    assert.equal(await ran(2), '151 open');
    for (const number of [3, 4]) assert.match(await ran(number), UNMARKED);
    for (const number of [5, 45, 85, 125]) assert.equal(await ran(number), '151 open');
    shelve(REVIEWS.slice(-152, -1));
    await ran(126);
    assert.equal(await ran(127), '152 whole', 'one more review, and it is clear again');
    assert.deepEqual([await ran(170), await ran(210)], ['151 whole', '151 whole'], 'what is deleted is found out');
  });

  test('in a gap, above what is known: it is asked for again, and then a full pass decides', async () => {
    // As many as make it unclear where the list ends: the first pass is still under way.
    shelve(REVIEWS.slice(400));
    assert.equal(await ran(1), '300 open');
    shelve(REVIEWS);
    assert.equal(await ran(2, { pagesMax: 1 }), '450 open');
    // The page below the gap's mark ends the list, as far as the store says.
    made.store.script((asked) => (asked.token === null ? undefined : NULL));
    for (const number of [3, 4]) assert.match(await ran(number), /format changed/);
    assert.match(await ran(5), /open$/);
    healthy();
    await ran(6);
    assert.equal(await ran(7), '700 whole');
  });
});

describe('a full pass', () => {
  test('that shows less than half of what is known is a list that was cut short; it ends nothing and deletes nothing', async () => {
    shelve(REVIEWS);
    await ran(1);
    shelve(REVIEWS.slice(0, 200));
    for (const number of [32, 33]) assert.match(await ran(number, { goneAfter: 1 }), /^The store's format changed, .* the list ends on page \d, before the reviews that are known/);
    for (const number of [34, 70]) assert.equal(await ran(number, { goneAfter: 1 }), '700 open');
    assert.deepEqual(events(), ['format-changed strange', 'format-changed strange', 'collect-incomplete unclear', 'collect-incomplete unclear']);
    shelve(REVIEWS);
    assert.deepEqual([await ran(110), rows()], ['700 whole', 700]);
  });

  test('in a new language whose first answer is empty says so, and believes it in the third run', async () => {
    shelve(REVIEWS.slice(-100));
    await ran(1);
    const both = { languages: ['id', 'en'] };
    assert.deepEqual([await ran(2, both), await ran(3, both), await ran(4, both), await ran(5, both), await ran(40, both)], ['100 open', '100 open', '100 whole', '100 whole', '100 whole']);
    assert.deepEqual(events(), ['collect-incomplete empty', 'collect-incomplete empty'], 'and the next full pass does so at once');
    assert.ok(made.log.some((line) => line === 'en: no review in the first answer of this language; the next run asks again'));
    made.store.set(APP, 'en', writtenReviews(20, 'en:'));
    assert.equal(await ran(41, both), '120 whole');
  });

  test('that there is none of: a new language without a review is told once', async () => {
    shelve(REVIEWS.slice(-100));
    const both = { languages: ['id', 'en'], backfill: 'never' };
    assert.deepEqual([await ran(1, both), await ran(2, both)], ['100 open', '100 whole']);
    assert.deepEqual(events(), ['collect-incomplete empty']);
  });
});
