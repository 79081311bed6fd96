import { wording } from '../wording.ts';

/** What a request asks for: its path, decoded once, and everything behind the first question mark. */
export interface Target {
  readonly pathname: string;
  readonly query: string;
  /** What is wrong with it, for people; what cannot be read then stands as it came. */
  readonly flaw: string | null;
}

/** Proxies may send the whole URL (RFC 9112, absolute-form); which host they mean is theirs to know. Null where it is none. */
function withoutOrigin(url: string): string | null {
  const origin = /^https?:\/\/[^/?#]+/i.exec(url)?.[0];
  if (origin === undefined) return null;
  const rest = url.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Escapes have to be UTF-8: what cannot be read is refused, and never answered as if something else had been asked. */
function decode(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The target of a request. Dots in the path never leave the map of files; the query is checked here, and taken apart where it is needed. */
export function targetOf(url: string): Target {
  const local = url.startsWith('/') ? url : withoutOrigin(url);
  if (local === null) return { pathname: url, query: '', flaw: wording.badTarget };
  const mark = local.indexOf('?');
  const [path, query] = mark === -1 ? [local, ''] : [local.slice(0, mark), local.slice(mark + 1)];
  const pathname = decode(path);
  if (pathname === null) return { pathname: path, query, flaw: wording.badPath };
  return { pathname, query, flaw: decode(query) === null ? wording.badQuery : null };
}
