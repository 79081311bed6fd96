import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** The way to a server, which can be cut and mended while neither end knows of it. */
export interface Cable {
  readonly port: number;
  /** Ends all connections and takes no new ones. */
  cut(): Promise<void>;
  /** Leads to this port from now on, from the same address as before. */
  mend(to: number): Promise<void>;
}

export async function layCable(to: number): Promise<Cable> {
  let target = to;
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [end, other] of [[near, far], [far, near]] as const) {
      ends.add(end);
      end.on('error', () => undefined).on('close', () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut: () => new Promise((resolve) => {
      server.close(() => resolve());
      for (const end of ends) end.destroy();
    }),
    async mend(next) {
      target = next;
      await listen(port);
    },
  };
}
