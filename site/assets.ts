import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';

/** Files beside the pages: one style sheet, one small script for the page that has something to do, and the predictor. */
export async function assetsOf(model: string | null): Promise<Readonly<Record<string, string>>> {
  const here = import.meta.dirname;
  const css = await transform(readFileSync(path.join(here, 'assets', 'report.css'), 'utf8'), { loader: 'css', minify: true });
  const files: Record<string, string> = { 'assets/report.css': css.code };
  if (model === null) return files;
  files['assets/try.js'] = await bundle(path.join(here, 'browser', 'try.ts'));
  files['assets/predict.js'] = await bundle(path.join(here, 'browser', 'predict.ts'));
  // A page opened from a folder may load scripts, but neither modules nor JSON.
  files['assets/model.js'] = `ulasan.model(${model.trim()});\n`;
  return files;
}

/** One classic script: no module, no import, runs from file:// too. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'iife', minify: true, target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'silent' });
  return outputFiles[0]?.text ?? '';
}
