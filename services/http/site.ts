import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Followed } from '../release/follow.ts';
import type { Release } from '../release/load.ts';
import { wording } from '../wording.ts';
import { servePage } from './page.ts';
import { RequestProblem } from './problem.ts';
import { serveFile } from './static.ts';

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
  if (await servePage(response, pathname)) return;
  if (pathname === '/api') {
    response.writeHead(308, { Location: 'api/', 'Content-Length': 0 });
    response.end();
    return;
  }
  if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
  const own = pinned === null ? undefined : releases.byId(pinned);
  if (await serveFile(request, response, { path: pathname, release: own ?? release, isPinned: own !== undefined })) return;
  throw new RequestProblem({ status: 404, detail: wording.notFound(pathname.slice(0, 200)) });
}
