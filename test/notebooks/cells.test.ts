import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseNotebook } from '../../runner/execute/notebook-file.ts';

const folder = path.join(path.dirname(path.dirname(import.meta.dirname)), 'notebooks');
const notebooks = readdirSync(folder).filter((name) => name.endsWith('.ipynb'));

describe('the notebooks', () => {
  for (const name of notebooks) {
    const notebook = parseNotebook(readFileSync(path.join(folder, name), 'utf8'));

    test(`${name}: every code cell is valid TypeScript`, () => {
      for (const cell of notebook.cells) if (cell.cell_type === 'code') stripTypeScriptTypes(cell.source.join(''));
    });

    test(`${name}: has one cell for params and is kept without outputs`, () => {
      assert.equal(notebook.cells.filter((cell) => cell.metadata.tags?.includes('parameters')).length, 1);
      const raw = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { readonly cells: readonly { readonly outputs?: readonly unknown[] }[] };
      assert.deepEqual(raw.cells.flatMap(({ outputs }) => outputs ?? []), []);
    });

    test(`${name}: shows aggregates only, never the text of a review`, () => {
      const code = notebook.cells.map((cell) => cell.source.join('')).join('\n');
      assert.doesNotMatch(code, /\braw\s*[,}:]\s*(?!true)[a-z]|\.raw\b/);
    });
  }
});
