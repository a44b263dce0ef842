/** Keeps the broker's retained messages from growing for ever: every trade has a topic of its own. */
import type { Aedes } from 'aedes';

/** Topics whose last word is remembered; the one not spoken for longest is forgotten. */
export const retainedTopicsMax = 4096;

/** The part of aedes 1.2's in-memory store that its types leave out: an empty payload erases. */
type Store = {
  readonly persistence: {
    storeRetained(packet: { readonly topic: string; readonly payload: Buffer }): Promise<void>;
  };
};

/** To be told of every retained publication. */
export function forgetOldest(broker: Aedes, topicsMax: number): (topic: string) => Promise<void> {
  const { persistence } = broker as unknown as Store;
  const topics = new Set<string>();
  return async (topic) => {
    topics.delete(topic);
    topics.add(topic);
    if (topics.size <= topicsMax) return;
    const [oldest = topic] = topics;
    topics.delete(oldest);
    await persistence.storeRetained({ topic: oldest, payload: Buffer.alloc(0) });
  };
}
