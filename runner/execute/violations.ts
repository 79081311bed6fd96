import diagnostics from 'node:diagnostics_channel';
import { registerHooks } from 'node:module';
import path from 'node:path';
import type { Need } from '../model.ts';
import type { HostJob, Violation } from './messages.ts';

/** Thrown into the stage where it reaches for what it did not declare. */
export class SealError extends Error {
  readonly violation: Violation;

  constructor(violation: Violation, message: string) {
    super(message);
    this.name = 'SealError';
    this.violation = violation;
  }
}

/** `stages/train.ts:12:3` of the first frame of the project's own code, or undefined where a package is the caller. */
export function ownFrame(roots: HostJob['roots'], stack = new Error('frame').stack ?? ''): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const match = /\(?(file:\/\/)?(\/[^():]+):(\d+):(\d+)\)?$/.exec(line.trim());
    const file = match?.[2];
    if (file === undefined || file.startsWith(import.meta.dirname)) continue;
    if (file.includes('/node_modules/')) return undefined;
    if (file.startsWith(`${roots.code}/`)) return `${path.relative(roots.code, decodeURIComponent(file))}:${match?.[3]}:${match?.[4]}`;
  }
  return undefined;
}

/** As `ownFrame`, but undefined where Node itself or a package is the direct caller. */
export function directFrame(roots: HostJob['roots']): string | undefined {
  const stack = new Error('frame').stack ?? '';
  const caller = stack.split('\n').find((line, index) => index > 0 && !line.includes(import.meta.dirname));
  return caller === undefined || caller.includes('node:') ? undefined : ownFrame(roots, `\n${caller}`);
}

/** Looked at by Node itself or by packages without harm: it finds out that they are not there, and goes on. */
const HARMLESS = /(^|\/)(package\.json|tsconfig\.json|node_modules(\/.*)?)$/;

/** `createRequire` names the folder of the file it was made for, not the package.json that Node looks for there. */
const isLookup = (): boolean => /getNearestParentPackageJSON/.test(new Error('frame').stack ?? '');

interface Denied {
  readonly permission: string;
  readonly resource?: string;
}

/** Collects what the permission model denies, also where the stage catches the error and goes on. */
export class Watch {
  readonly violations: Violation[] = [];
  readonly job: HostJob;

  constructor(job: HostJob) {
    this.job = job;
    for (const name of ['fs', 'net', 'child', 'worker', 'addon', 'wasi', 'inspector']) {
      diagnostics.subscribe(`node:permission-model:${name}`, (message) => this.denied(message as Denied));
    }
  }

  add(violation: Violation): void {
    const key = JSON.stringify({ ...violation, at: undefined });
    if (!this.violations.some((known) => JSON.stringify({ ...known, at: undefined }) === key)) this.violations.push(violation);
  }

  need(need: Need, detail: string): void {
    this.add({ kind: 'need', need, detail, at: ownFrame(this.job.roots) });
  }

  private denied({ permission, resource = '' }: Denied): void {
    switch (permission) {
      case 'FileSystemRead':
      case 'FileSystemWrite': {
        const { code, workspace } = this.job.roots;
        const file = path.resolve(resource);
        const inside = [code, workspace].some((root) => file.startsWith(`${root}/`));
        const kind = permission === 'FileSystemRead' ? 'read' : 'write';
        if (inside && !HARMLESS.test(file) && !isLookup()) this.add({ kind, path: file, at: ownFrame(this.job.roots) });
        return;
      }
      case 'Net':
        this.need('network', resource);
        return;
      case 'ChildProcess':
        this.need('processes', resource);
        return;
      case 'WorkerThreads':
        this.need('workers', '');
        return;
      case 'Addons':
        this.need('addons', resource);
        return;
      default:
    }
  }

  /** node:sqlite opens files past the permission model: the module itself is what is refused. */
  closeStorage(): void {
    const refuse = (): never => {
      const violation: Violation = { kind: 'need', need: 'storage', detail: 'node:sqlite', at: ownFrame(this.job.roots) };
      this.add(violation);
      throw new SealError(violation, 'node:sqlite is closed to this stage');
    };
    registerHooks({
      resolve: (specifier, context, next) => (specifier === 'node:sqlite' || specifier === 'sqlite' ? refuse() : next(specifier, context)),
    });
    const original = process.getBuiltinModule.bind(process);
    const guarded = (id: string): object | undefined => (id === 'node:sqlite' || id === 'sqlite' ? refuse() : original(id));
    Object.defineProperty(process, 'getBuiltinModule', { value: guarded });
  }
}
