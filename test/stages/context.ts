import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import type { Facts, StageContext, StageOutcome, StageRun } from '../../stages/context.ts';

const root = path.resolve(import.meta.dirname, '../..');

type Item = string | Readonly<Record<string, { readonly opens?: readonly string[] }>>;
interface Declared {
  readonly deps?: readonly Item[];
  readonly outs?: readonly Item[];
  readonly metrics?: readonly Item[];
  readonly state?: readonly Item[];
  readonly effects?: { readonly targets?: readonly string[] };
}

const pipeline = parse(readFileSync(path.join(root, 'pipeline.yaml'), 'utf8')) as { readonly stages: Readonly<Record<string, Declared>> };

type Tree = { readonly [key: string]: unknown };

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function merge(base: unknown, changes: unknown): unknown {
  if (!isTree(base) || !isTree(changes)) return changes;
  return { ...base, ...Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, merge(base[key], value)])) };
}

/** Everything that pipeline.yaml lets a stage touch: the same walls as the runner's. */
function declaredPaths(stage: string, collectPath: string): readonly string[] {
  const { deps = [], outs = [], metrics = [], state = [], effects } = pipeline.stages[stage] ?? {};
  const items = [...deps, ...outs, ...metrics, ...state].flatMap((item) =>
    typeof item === 'string' ? [item] : Object.entries(item).flatMap(([name, options]) => [name, ...(options.opens ?? [])]),
  );
  return [...items.map((item) => (item.split('#')[0] ?? item).replace('${collect.path}', collectPath)), ...(effects?.targets ?? [])];
}

export interface Rig {
  readonly folder: string;
  readonly events: readonly { readonly kind: string; readonly facts: Facts }[];
  /** The context of a stage of pipeline.yaml, with the params of params.yaml and changes on top. */
  context(stage: string, changes?: Tree): StageContext;
  run(stage: string, body: StageRun, changes?: Tree): Promise<StageOutcome>;
  write(file: string, content: string | Uint8Array): void;
  read(file: string): string;
  json(file: string): unknown;
  remove(): void;
}

/** A temporary workspace in which stages run one by one, in this process, behind what pipeline.yaml declares for them. */
export function stageRig(): Rig {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-stage-'));
  const events: { readonly kind: string; readonly facts: Facts }[] = [];
  const defaults = parse(readFileSync(path.join(root, 'params.yaml'), 'utf8')) as unknown;
  const at = (file: string): string => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    return path.join(folder, file);
  };

  function context(stage: string, changes: Tree = {}): StageContext {
    const params = merge(defaults, changes) as { readonly collect: { readonly path: string } };
    const declared = declaredPaths(stage, params.collect.path);
    return {
      stage, params, item: null, env: {}, asOf: '2026-07-01T07:00:00.000Z', runRecord: null, outs: [], deps: [],
      path(asked) {
        if (!declared.some((known) => asked === known || asked.startsWith(`${known}/`))) throw new RangeError(`Cannot open ${asked} as stage "${stage}" does not declare it`);
        return at(asked);
      },
      log() {
        // What a stage says on its way is not what these tests are about.
      },
      emit: (kind, facts) => events.push({ kind, facts }),
    };
  }

  return {
    folder,
    events,
    context,
    run: (stage, body, changes) => body(context(stage, changes)),
    write: (file, content) => writeFileSync(at(file), content),
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    json: (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as unknown,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
