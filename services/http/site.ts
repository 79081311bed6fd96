import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Followed } from '../release/follow.ts';
import type { Release } from '../release/load.ts';
import { wording } from '../wording.ts';
import { isPage, servePage } from './page.ts';
import { RequestProblem } from './problem.ts';
import { nameOf, sendFile } from './static.ts';

export interface SiteRequest {
  readonly pathname: string;
  /** The release that a page asks for its own files with. */
  readonly pinned: string | null;
  readonly release: Release | null;
  readonly releases: Followed;
}

/** Everything that is no endpoint: the report, and the page to try the API with. */
export async function serveSite(request: IncomingMessage, response: ServerResponse, { pathname, pinned, release, releases }: SiteRequest): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new RequestProblem({ status: 405, detail: wording.wrongMethod(request.method ?? '', 'GET, HEAD'), headers: { Allow: 'GET, HEAD' } });
  if (isPage(pathname)) return servePage(response, pathname);
  if (pathname === '/api') {
    response.writeHead(308, { Location: 'api/', 'Content-Length': 0 });
    response.end();
    return undefined;
  }
  if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
  // A page that is open gets the files of its own release, and where that is gone those of the one that serves.
  const earlier = pinned === null || pinned === release.id ? undefined : await releases.earlier(pinned);
  const name = nameOf(earlier ?? release.site, pathname) ?? '';
  const file = earlier === undefined ? release.site.get(name) : await earlier.file(name);
  if (file === undefined) throw new RequestProblem({ status: 404, detail: wording.notFound(pathname.slice(0, 200)) });
  return sendFile(request, response, { name, file, isPinned: earlier !== undefined || pinned === release.id });
}
