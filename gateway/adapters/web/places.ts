/** Places for connections. Whoever fills them all with silence only pushes out others who are silent. */
import type { Socket } from 'node:net';

export interface Places {
  /** A connection that has shown nothing yet. */
  take(socket: Socket): void;
  /** It named a path that the hub gave out; `whole` when the request has arrived to its end. */
  trust(socket: Socket, shown: 'path' | 'whole'): void;
}

type PlaceOptions = {
  readonly placesMost: number;
  /** Called for each connection that is closed to make room. */
  readonly onMadeRoom: () => void;
};

/**
 * A connection too many closes the oldest of those that showed least, itself excepted: what it has to say may
 * be read in the next turn of the event loop only.
 */
export function openPlaces({ placesMost, onMadeRoom }: PlaceOptions): Places {
  const [strangers, named, proven] = [new Set<Socket>(), new Set<Socket>(), new Set<Socket>()];
  const ranks = [strangers, named, proven];

  const leave = (socket: Socket): boolean => ranks.some((rank) => rank.delete(socket));
  const oldestBut = (newcomer: Socket): Socket | undefined => {
    for (const rank of ranks) for (const socket of rank) if (socket !== newcomer) return socket;
    return undefined;
  };

  return {
    take: (newcomer) => {
      strangers.add(newcomer);
      newcomer.once('close', () => leave(newcomer));
      if (strangers.size + named.size + proven.size <= placesMost) return;
      const oldest = oldestBut(newcomer);
      if (oldest === undefined) return;
      leave(oldest);
      oldest.destroy();
      onMadeRoom();
    },
    trust: (socket, shown) => {
      if (!proven.has(socket) && leave(socket)) (shown === 'whole' ? proven : named).add(socket);
    },
  };
}
