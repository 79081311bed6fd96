import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const HOST = 'play.google.com';

/** Why the command line cannot be led to another store, or false. */
export function proxyMissing(): string | false {
  return spawnSync('openssl', ['version']).status === 0 ? false : 'no openssl to make a certificate with (Debian: openssl)';
}

export interface PlayProxy {
  /** What a command needs in its environment to take this for the Play Store. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that were asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listen = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

/** A proxy that leads connections to the Play Store to a listener of ours, behind a certificate made for the occasion. */
export async function startPlayProxy(listener: RequestListener): Promise<PlayProxy> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-proxy-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', key ?? '', '-out', cert ?? ''], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const store = createTls({ key: readFileSync(key ?? ''), cert: readFileSync(cert ?? '') }, listener);
  await listen(store);
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createPlain((_, response) => void response.writeHead(405).end());
  proxy.on('connect', (request, client: Socket, head: Buffer) => {
    asked.push(request.url ?? '');
    if (request.url !== `${HOST}:443`) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const upstream = connect(portOf(store), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Either side may go away at any time: the other one then ends too.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => void sockets.delete(socket));
    }
    return undefined;
  });
  await listen(proxy);
  return {
    asked,
    env: { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, NODE_EXTRA_CA_CERTS: cert ?? '', NO_PROXY: '' },
    async close() {
      for (const socket of sockets) socket.destroy();
      store.closeAllConnections();
      await Promise.all([store, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
