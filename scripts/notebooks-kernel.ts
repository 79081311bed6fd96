// Installs the kernel of our notebooks for JupyterLab, for this user: pnpm notebooks:kernel [--path <folder of kernels>]
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { denoBinary } from '../runner/execute/kernel.ts';

const root = path.dirname(import.meta.dirname);

/** Where Jupyter looks for the kernels of a user: https://docs.jupyter.org/en/stable/use/jupyter-directories.html */
function kernelsFolder(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR !== undefined) return path.join(JUPYTER_DATA_DIR, 'kernels');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Jupyter', 'kernels');
  if (process.platform === 'win32') return path.join(APPDATA ?? homedir(), 'jupyter', 'kernels');
  return path.join(XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share'), 'jupyter', 'kernels');
}

const { values } = parseArgs({ options: { path: { type: 'string' } } });
const folder = path.join(values.path ?? kernelsFolder(), 'ulasan');

/** `interrupt_mode: message`, since a signal would end Deno's kernel instead of the cell. */
const spec = {
  argv: [denoBinary(root), 'jupyter', '--kernel', '--conn', '{connection_file}'],
  display_name: 'ulasan (TypeScript)',
  language: 'typescript',
  interrupt_mode: 'message',
  env: { DENO_NO_UPDATE_CHECK: '1' },
};

mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
console.log(`Kernel "ulasan" installed in ${folder}`);
console.log('Open a notebook of notebooks/ in JupyterLab and choose the kernel "ulasan (TypeScript)". Run pnpm repro first: the notebooks read its data.');
