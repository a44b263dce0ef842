/** The sockets that one client of a tunnel server holds open; each carries one request. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export type Pool = {
  readonly id: string;
  readonly port: number;
  /** A free socket; undefined when none is free in time. */
  take(waitMs: number): Promise<Socket | undefined>;
  /** Breaks the sockets; new ones are welcome. */
  cut(): void;
  /** Keeps the sockets and never answers on them again. */
  fallSilent(): void;
  close(): void;
};

/** `onEmpty` is called when the client has held no socket for `keptMs`. */
export async function openPool(id: string, keptMs: number, onEmpty: () => void): Promise<Pool> {
  const server = createServer();
  const all = new Set<Socket>();
  const free: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const closeIfEmpty = () => {
    if (all.size > 0) return;
    onEmpty();
    server.close();
  };
  server.on('connection', (socket) => {
    all.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      all.delete(socket);
      const place = free.indexOf(socket);
      if (place >= 0) free.splice(place, 1);
      setTimeout(closeIfEmpty, keptMs).unref();
    });
    const next = waiting.shift();
    if (next === undefined) free.push(socket);
    else next(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const cut = () => {
    for (const socket of all) socket.destroy();
  };
  return {
    id,
    port: (server.address() as AddressInfo).port,
    take: (waitMs) => takeOne(free, waiting, waitMs),
    cut,
    fallSilent: () => {
      for (const socket of all) socket.pause();
    },
    close: () => {
      server.close();
      cut();
    },
  };
}

function takeOne(
  free: Socket[],
  waiting: ((socket: Socket) => void)[],
  waitMs: number,
): Promise<Socket | undefined> {
  const ready = free.shift();
  if (ready !== undefined) return Promise.resolve(ready);
  return new Promise((resolve) => {
    const hear = (socket: Socket) => {
      clearTimeout(timer);
      resolve(socket);
    };
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(hear), 1);
      resolve(undefined);
    }, waitMs);
    waiting.push(hear);
  });
}
