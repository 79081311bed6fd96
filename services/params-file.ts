import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';

/** params.yaml as it stands, or why it cannot be read: each sentence with the place. */
export type ParamsFile = { readonly ok: true; readonly value: unknown; readonly place: (at: readonly PropertyKey[]) => string } | { readonly ok: false; readonly why: string };

/** Reads params.yaml of the code; a place is said as `params.yaml:line:column`, of the key where there is one, else of the nearest parent. */
export function readParamsFile(code: string): ParamsFile {
  let text: string;
  try {
    text = readFileSync(path.join(code, 'params.yaml'), 'utf8');
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const said = (offset: number): string => {
    const { line, col } = counter.linePos(offset);
    return `params.yaml:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) return { ok: false, why: document.errors.map(({ message, pos }) => `${said(pos[0])}: ${message}`).join('; ') };
  const place = (at: readonly PropertyKey[]): string => {
    for (let length = at.length; length > 0; length--) {
      const parent = length === 1 ? document.contents : document.getIn(at.slice(0, length - 1), true);
      const key = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === at[length - 1])?.key : undefined;
      const node = key ?? document.getIn(at.slice(0, length), true);
      if (isNode(node) && node.range != null) return said(node.range[0]);
    }
    return 'params.yaml:1:1';
  };
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }), place };
  } catch (error) {
    return { ok: false, why: `params.yaml: ${error instanceof Error ? error.message : String(error)}` };
  }
}
