import { wording } from '../wording.ts';
import { RequestProblem } from './problem.ts';

/** What a request asks for: its path, decoded once, and everything behind the first question mark. */
export interface Target {
  readonly pathname: string;
  readonly query: string;
}

/** Proxies may send the whole URL (RFC 9112, absolute-form); which host they mean is theirs to know. */
function withoutOrigin(url: string): string {
  const origin = /^https?:\/\/[^/?#]+/i.exec(url)?.[0];
  if (origin === undefined) throw new RequestProblem({ status: 400, detail: wording.badTarget });
  const rest = url.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Escapes have to be UTF-8: what cannot be read is refused, and never answered as if something else had been asked. */
function decode(text: string, problem: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RequestProblem({ status: 400, detail: problem });
  }
}

/** The target of a request. Dots in the path never leave the map of files; the query is checked here, and taken apart where it is needed. */
export function targetOf(url: string): Target {
  const local = url.startsWith('/') ? url : withoutOrigin(url);
  const mark = local.indexOf('?');
  const query = mark === -1 ? '' : local.slice(mark + 1);
  decode(query, wording.badQuery);
  return { pathname: decode(mark === -1 ? local : local.slice(0, mark), wording.badPath), query };
}
