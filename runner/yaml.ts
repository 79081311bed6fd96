import { LineCounter, parseDocument, isMap, isPair, isScalar, isSeq } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Json, Place, Problem, Result } from './model.ts';
import { wording } from './wording-load.ts';

/** A YAML or JSON file as read: its value, and where each part of it is written. */
export interface YamlFile {
  readonly file: string;
  readonly value: Json;
  /** The place of the value at a path of keys (of its key, where it is in a map); of the nearest parent where it is absent. */
  place(path: readonly (string | number)[]): Place;
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return offset;
      const key = pair.key as Node | null;
      offset = key?.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

export function readYaml(file: string, text: string): Result<YamlFile> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error): Problem => ({ kind: 'yaml', message: wording.malformedYaml(file, error.message), place: at(error.pos[0]) }));
    return { ok: false, problems };
  }
  let value: Json;
  try {
    value = document.toJS({ maxAliasCount: 100 }) as Json;
  } catch (error) {
    return { ok: false, problems: [{ kind: 'yaml', message: wording.malformedYaml(file, error instanceof Error ? error.message : String(error)), place: at(0) }] };
  }
  return { ok: true, value: { file, value, place: (path) => at(offsetOf(document, path)) } };
}

/** A value typed on the command line: `5`, `true`, `[1, 2]`, `text`. */
export function parseTyped(text: string): Json {
  const document = parseDocument(text, { prettyErrors: false });
  return document.errors.length > 0 ? text : ((document.toJS() ?? null) as Json);
}
