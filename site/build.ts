import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildPages } from 'astro';
import type { AstroInlineConfig } from 'astro';
import { assetsOf } from './assets.ts';
import { downloadsOf } from './downloads.ts';
import { isDiskFull } from './failure.ts';
import { monthsOf } from './figures/tally.ts';
import { readContext } from './read/context.ts';
import type { SiteContext } from './read/context.ts';
import { readInputs } from './read/inputs.ts';
import type { Inputs } from './read/inputs.ts';
import { judgedOf, makeReport } from './report.ts';
import type { Report } from './report.ts';
import { command } from './wording/command.ts';

/** Pages import `report` from here: data of this build, not of the source tree. */
const MODULE = 'ulasan:report';

type Plugin = NonNullable<NonNullable<AstroInlineConfig['vite']>['plugins']>[number];

function reportPlugin(report: Report): Plugin {
  const resolved = `\0${MODULE}`;
  return {
    name: 'ulasan-report',
    enforce: 'pre',
    resolveId: (id: string) => (id === MODULE ? resolved : undefined),
    load: (id: string) => (id === resolved ? `export const report = JSON.parse(${JSON.stringify(JSON.stringify(report))});` : undefined),
  };
}

/**
 * Renders the pages into `out`. Sources may lie on a read-only disk, so that Astro's own root, caches and generated types are
 * in `scratch`; only `srcDir` is beside this file.
 */
async function renderPages(report: Report, { scratch, out }: { scratch: string; out: string }): Promise<void> {
  const at = (name: string): string => {
    mkdirSync(path.join(scratch, name), { recursive: true });
    return path.join(scratch, name);
  };
  // What Astro builds looks for packages from its own folder upwards, and that is in the workspace, far from them.
  symlinkSync(path.join(import.meta.dirname, '..', 'node_modules'), path.join(scratch, 'node_modules'), 'dir');
  await buildPages({
    configFile: false,
    root: at('root'),
    srcDir: path.join(import.meta.dirname, 'src'),
    publicDir: at('public'),
    cacheDir: at('cache'),
    outDir: out,
    logLevel: 'error',
    compressHTML: true,
    devToolbar: { enabled: false },
    // One .html file a page, index.html in each folder: what opens from a folder without a server.
    build: { format: 'preserve', inlineStylesheets: 'never' },
    vite: { cacheDir: at('vite'), logLevel: 'error', plugins: [reportPlugin(report)] },
  });
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** Whoever reads the old report meanwhile has it whole; afterwards the new one, whole. */
function swap(built: string, dist: string, aside: string): void {
  mkdirSync(path.dirname(dist), { recursive: true });
  if (existsSync(dist)) renameSync(dist, aside);
  renameSync(built, dist);
  rmSync(aside, { recursive: true, force: true });
}

export interface Built {
  readonly inputs: Inputs;
  readonly report: Report;
}

/** Builds the whole report into `dist`. Same inputs, same bytes. */
export async function buildSite(context: SiteContext, dist: string): Promise<Built> {
  const inputs = readInputs(context);
  const judged = judgedOf(inputs);
  const trend = inputs.trend.length > 0 ? inputs.trend : monthsOf(inputs.app, judged);
  const downloads = downloadsOf(inputs, judged, trend);
  const report = await makeReport(inputs, judged, Object.keys(downloads));
  const scratches = path.join(context.roots.workspace, '.repro', 'site');
  mkdirSync(scratches, { recursive: true });
  const scratch = mkdtempSync(path.join(scratches, 'build-'));
  try {
    const out = path.join(scratch, 'out');
    await renderPages(report, { scratch, out });
    const triable = report.model === null || report.model.needsStem ? null : inputs.model;
    writeFiles(out, { ...(await assetsOf(triable, inputs.champion?.version)), ...downloads });
    swap(out, dist, path.join(scratch, 'old'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { inputs, report };
}

async function buildFor(context: SiteContext): Promise<void> {
  const dist = context.pathOf('site/dist');
  const { report } = await buildSite(context, dist);
  const pages = path.join(dist, 'index.html');
  const shown = path.relative(context.roots.workspace, pages);
  const headline = `report: ${shown} (open it by double click: ${pathToFileURL(pages).href})`;
  const facts = { reviews: report.overall.reviews, report: shown, champion: report.champion?.version ?? 'none' };
  if (context.resultFile !== undefined) writeFileSync(context.resultFile, JSON.stringify({ facts, headline }));
  for (const { path: file, kind, detail } of report.troubles) if (kind !== 'missing') console.log(`${file}: ${kind}: ${detail}`);
  console.log(headline);
}

async function main(contextFile: string): Promise<number> {
  const read = readContext(contextFile);
  if (!read.ok) {
    console.error(command.badParams(read.why));
    return 1;
  }
  try {
    await buildFor(read.context);
    return 0;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    console.error(command.diskFull(read.context.roots.workspace));
    return 1;
  }
}

const [, entry, contextFile] = process.argv;
if (entry === import.meta.filename) {
  if (contextFile === undefined) throw new RangeError('Cannot build the report without its context: run node site/build.ts <context.json>, the file that REPRO_CONTEXT names');
  process.env.ASTRO_TELEMETRY_DISABLED = '1';
  const code = await main(contextFile);
  // What was building when it failed may still have threads of its own.
  if (code !== 0) process.exit(code);
}
