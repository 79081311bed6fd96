import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './limit.ts';

export interface ConnectionBounds {
  /** Of this process. */
  readonly total: number;
  /** Of one client, told apart as by the limit of requests; null where they all come by one proxy. */
  readonly ofClient: number | null;
}

/** Why a connection was not let in (its client has enough, or all of them are in use), or went for another one's sake (idle). */
export type Dropped = 'client' | 'full' | 'idle';

export interface Connections {
  /** A request begins. */
  begin(request: IncomingMessage, answer: ServerResponse): void;
  /** The answer that is under way on a connection, the last one where there are several. */
  underWay(socket: Socket): ServerResponse | undefined;
}

interface Connection {
  readonly client: string;
  /** Which of all requests was its last one, or when it came: an order, for which no clock has to be read. */
  turn: number;
  answer: ServerResponse | undefined;
}

const isBusy = ({ answer }: Connection): boolean => answer !== undefined && !answer.writableFinished;

/**
 * Keeps one client from holding all connections. Where so many are open as there may be, the one that has stood idle longest
 * makes room. A request costs the look into one map: which connections are idle is found out when somebody needs to know.
 */
export function boundConnections(server: Server, { total, ofClient }: ConnectionBounds, onDropped: (why: Dropped, client: string) => void): Connections {
  const open = new Map<Socket, Connection>();
  const counts = new Map<string, number>();
  let turns = 0;

  function forget(socket: Socket): void {
    const known = open.get(socket);
    if (known === undefined) return;
    open.delete(socket);
    const left = (counts.get(known.client) ?? 1) - 1;
    if (left === 0) counts.delete(known.client);
    else counts.set(known.client, left);
  }

  function drop(socket: Socket, why: Dropped, client: string): void {
    // At once, not when it is closed: several connections may come before that.
    forget(socket);
    socket.destroy();
    onDropped(why, client);
  }

  function longestIdle(): readonly [Socket, Connection] | undefined {
    let found: readonly [Socket, Connection] | undefined;
    for (const entry of open) if (!isBusy(entry[1]) && (found === undefined || entry[1].turn < found[1].turn)) found = entry;
    return found;
  }

  server.on('connection', (socket: Socket) => {
    const client = networkOf(socket.remoteAddress ?? 'unknown');
    const count = counts.get(client) ?? 0;
    if (ofClient !== null && count >= ofClient) return drop(socket, 'client', client);
    if (open.size >= total) {
      const idle = longestIdle();
      if (idle === undefined) return drop(socket, 'full', client);
      drop(idle[0], 'idle', idle[1].client);
    }
    open.set(socket, { client, turn: ++turns, answer: undefined });
    counts.set(client, (counts.get(client) ?? 0) + 1);
    socket.once('close', () => forget(socket));
    return undefined;
  });
  return {
    begin({ socket }, answer) {
      const known = open.get(socket);
      if (known === undefined) return;
      known.turn = ++turns;
      known.answer = answer;
    },
    underWay(socket) {
      const known = open.get(socket);
      return known !== undefined && isBusy(known) ? known.answer : undefined;
    },
  };
}
