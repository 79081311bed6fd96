import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, '..', 'page');
const FILES: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/api/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/api/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
  '/api/page.js': { file: 'page.ts', type: 'text/javascript; charset=utf-8' },
};
const held = new Map<string, Buffer>();

/** The script is made from its source when somebody first opens the page: the server's start does not wait for it. */
async function contentOf(file: string): Promise<Buffer> {
  const known = held.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(path.join(FOLDER, file), 'utf8');
  const { transform } = await import('esbuild');
  const content = Buffer.from(file.endsWith('.ts') ? (await transform(text, { loader: 'ts', minify: true, charset: 'utf8', target: 'es2022' })).code : text);
  held.set(file, content);
  return content;
}

export const isPage = (pathname: string): boolean => Object.hasOwn(FILES, pathname);

/** The page to try the API with, and its files. */
export async function servePage(response: ServerResponse, pathname: string): Promise<void> {
  const { file = '', type = '' } = FILES[pathname] ?? {};
  const content = await contentOf(file);
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': content.length, 'Cache-Control': 'no-cache' });
  response.end(content);
}
