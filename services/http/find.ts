import type { Route } from './route.ts';

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The route of a request; the methods that there are where it asks for another one; undefined where nothing is there. */
export type Find = (method: string, pathname: string) => Found | { readonly allowed: readonly string[] } | undefined;

/** What can be read can be asked for its head alone (RFC 9110). */
const methodsOf = ({ method }: Route): readonly string[] => (method === 'GET' ? ['GET', 'HEAD'] : [method]);

export function createFind(routes: readonly Route[]): Find {
  const compiled = routes.map((one) => ({ one, pattern: new RegExp(`^${one.path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`) }));
  const plain = routes.filter(({ path }) => !path.includes('{'));
  const exact = new Map(plain.flatMap((one) => methodsOf(one).map((method) => [`${method} ${one.path}`, { route: one, params: {} }] as const)));
  return (method, pathname) => {
    const known = exact.get(`${method} ${pathname}`);
    if (known !== undefined) return known;
    const matches = compiled.flatMap(({ one, pattern }) => {
      const match = pattern.exec(pathname);
      return match === null ? [] : [{ route: one, params: { ...match.groups } }];
    });
    const found = matches.find(({ route }) => methodsOf(route).includes(method));
    return found ?? (matches.length === 0 ? undefined : { allowed: [...new Set(matches.flatMap(({ route }) => methodsOf(route)))].sort() });
  };
}
