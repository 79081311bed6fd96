import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openEmbeddedRawStore } from '../../storage/embedded-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { root } from '../pipeline/rig.ts';

export interface Said {
  readonly status: number | null;
  readonly output: string;
}

/** `pnpm data`, started; without the servers that this machine may have. */
export function startData(...args: readonly string[]): { readonly pid: number; readonly kill: () => void; readonly said: Promise<Said> } {
  const { MONGODB_URI: _mongo, DATABASE_URL: _database, ...env } = process.env;
  const child = spawn(process.execPath, [path.join(root, 'scripts/data.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, NO_COLOR: '1' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const said = new Promise<Said>((resolve) => child.on('close', (status) => resolve({ status, output })));
  return { pid: child.pid ?? 0, kill: () => void child.kill('SIGKILL'), said };
}

export const data = (...args: readonly string[]): Promise<Said> => startData(...args).said;

/** Files beneath a folder whose bytes (unpacked, where they are packed) hold a text, in any case, by their path in it. */
export function filesShowing(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const holds = (file: string): boolean => {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1').toLowerCase().includes(Buffer.from(text.toLowerCase()).toString('latin1'));
  };
  return files.filter(holds).map((file) => path.relative(folder, file)).sort();
}

/** A file of 300 reviews that somebody brought, enough to learn from: ids `own-0` and so on, texts that differ. */
export function ownSource(): string {
  const said = ['bagus sekali dan mantap', 'jelek, lambat dan error terus', 'biasa saja, lumayan'];
  const lines = Array.from({ length: 300 }, (_, index) => `own-${index},"${said[index % 3] ?? ''} kata pengguna nomor ${index} di kota ${index * 7}",${[5, 1, 3][index % 3] ?? 3},2026-0${1 + (index % 6)}-1${index % 10} 10:00:00`);
  return `${['id,text,rating,at', ...lines].join('\n')}\n`;
}

/** Does something with the embedded raw store of a folder. */
export async function withRawStore<T>(folder: string, work: (store: RawStore) => Promise<T>): Promise<T> {
  const opened = openEmbeddedRawStore(folder);
  assert.ok(opened.ok);
  try {
    return await work(opened.value);
  } finally {
    await opened.value.close();
  }
}
