import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';

/** Files beside the pages: one style sheet, small scripts, and the predictor. */
export async function assetsOf(model: string | null, version = ''): Promise<Readonly<Record<string, string>>> {
  const here = import.meta.dirname;
  const css = await transform(readFileSync(path.join(here, 'assets', 'report.css'), 'utf8'), { loader: 'css', minify: true });
  // A static host serves the empty script; the server of this project serves the other one in its place.
  const files: Record<string, string> = { 'assets/report.css': css.code, 'assets/live.js': '// Live on the server only.\n', 'assets/live-served.js': await bundle(path.join(here, 'browser', 'live.ts')) };
  if (model === null) return files;
  files['assets/try.js'] = await bundle(path.join(here, 'browser', 'try.ts'));
  files['assets/predict.js'] = await bundle(path.join(here, 'browser', 'predict.ts'));
  // A page opened from a folder may load scripts, but neither modules nor JSON.
  files['assets/model.js'] = `ulasan.model(${model.trim()}, ${JSON.stringify(version)});\n`;
  return files;
}

/** One classic script: no module, no import, runs from file:// too. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'iife', minify: true, target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'silent' });
  return outputFiles[0]?.text ?? '';
}
