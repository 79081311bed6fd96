import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import type { QualityMoment } from '../../schema/quality.ts';
import { APP, DATASET, Workspace } from '../fixtures/site/workspace.ts';

process.env.ASTRO_TELEMETRY_DISABLED = '1';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `there is no Chromium at ${CHROMIUM}: install it, or name it in CHROMIUM`;
const PAGES = ['quality.html', 'en/quality.html'];

function moment(day: number, share: number): QualityMoment {
  const check = (rule: string, of: number): QualityMoment['checks'][number] => ({ rule, severity: 'warning', passed: of === 0, share: of });
  return {
    at: `2026-06-0${day}T00:00:00Z`, app: APP, dataset: DATASET, rows: 160, newest: null, checks: [check('duplicate-text', share), check('no-letters', 0)],
    clock: [{ rule: 'freshness', severity: 'error', passed: false, limit: 168 }, { rule: 'future', severity: 'warning', passed: true, limit: 24 }],
  };
}

describe('the tables of the quality page', { skip }, () => {
  let workspace: Workspace;
  let browser: Browser;
  before(async () => {
    workspace = new Workspace();
    workspace.write('data/watch/history.jsonl', `${[moment(1, 0.1), moment(2, 0.4)].map((one) => JSON.stringify(one)).join('\n')}\n`);
    await workspace.build();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'] });
  });
  after(async () => {
    await browser.close();
    workspace.remove();
  });

  async function open(name: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    await page.goto(`${pathToFileURL(workspace.dist).href}/${name}`);
    return page;
  }

  for (const name of PAGES) {
    test(`${name}: on a phone every cell is in the window, beside the name of its column, and nothing scrolls sideways`, async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await open(name, 360, colorScheme);
        const seen = await page.evaluate(() => ({
          scrolled: [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).length,
          outside: [...document.querySelectorAll('table td *, table th')].filter((cell) => cell.closest('thead') === null && (cell.getBoundingClientRect().right > innerWidth || cell.getBoundingClientRect().left < 0)).length,
          labels: [...document.querySelectorAll<HTMLElement>('.stack')].map((table) => {
            const heads = [...table.querySelectorAll('thead th')].map(({ textContent }) => textContent);
            const [row] = table.querySelectorAll('tbody tr');
            const shown = [...(row?.querySelectorAll<HTMLElement>('td:not(.verdict)') ?? [])].map((cell) => [cell.dataset.label ?? '', getComputedStyle(cell, '::before').content.startsWith(`"${cell.dataset.label}"`)] as const);
            return { columns: heads.length, named: shown.filter(([label, isShown]) => isShown && heads.includes(label)).length };
          }),
        }));
        assert.deepEqual(seen, { scrolled: 0, outside: 0, labels: [{ columns: 5, named: 3 }, { columns: 3, named: 1 }, { columns: 5, named: 3 }] });
        await page.close();
      }
    });
  }

  test('stay tables for those who hear them, and no name of a column is read twice', async () => {
    const tables: unknown[] = [];
    for (const width of [1400, 360]) {
      const page = await open('en/quality.html', width);
      const session = await page.context().newCDPSession(page);
      const { nodes } = await session.send('Accessibility.getFullAXTree');
      const heard = nodes.filter(({ ignored, role }) => !ignored && ['table', 'row', 'columnheader', 'rowheader', 'cell', 'gridcell'].includes(String(role?.value)));
      tables.push(heard.map(({ role, name }) => [role?.value, role?.value === 'row' ? '' : name?.value]));
      await page.close();
    }
    assert.deepEqual(tables[1], tables[0]);
    assert.ok(JSON.stringify(tables[0]).includes('["columnheader","At most"],["columnheader","Before"]'), JSON.stringify(tables[0]).slice(0, 600));
  });

  test('look as tables where there is room', async () => {
    const page = await open('en/quality.html', 1400);
    const seen = await page.evaluate(() => [...document.querySelectorAll('.stack')].map((table) => [getComputedStyle(table).display, getComputedStyle(table.querySelector('td') ?? table).display, getComputedStyle(table.querySelector('td[data-label]') ?? table, '::before').content, (table.querySelector('thead')?.getBoundingClientRect().height ?? 0) > 20]));
    assert.deepEqual(seen, seen.map(() => ['table', 'table-cell', 'none', true]));
    assert.equal(seen.length, 3);
    await page.close();
  });
});
