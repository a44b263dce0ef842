/** What aedes 1.2 asks of a persistence, answered from our own sessions: nothing of it outlives the process. */
import { Readable } from 'node:stream';
import type { AedesPublishPacket, Client } from 'aedes';
import { Passage } from './passage.ts';
import { Retained } from './retained.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

type Numbered = { readonly messageId: number };
type Someone = Pick<Client, 'conn'>;

const nothing = (): Readable => Readable.from([]);

/**
 * Messages for remembered clients are written down here and sent again by the front, which sees every
 * acknowledgement; so most of what aedes would store and clear is not needed.
 */
export class Memory {
  readonly retained: Retained<AedesPublishPacket>;
  readonly #sessions: Sessions;
  readonly #arriving: ReadonlyMap<string, Session>;

  /** `arriving`: sessions of clients on whose CONNECT aedes is still at work, by the id that aedes knows. */
  constructor(sessions: Sessions, arriving: ReadonlyMap<string, Session>, retainedTopics: number) {
    this.#sessions = sessions;
    this.#arriving = arriving;
    this.retained = new Retained(retainedTopics);
  }

  async setup(): Promise<void> {}
  async destroy(): Promise<void> {}

  async storeRetained(packet: AedesPublishPacket): Promise<void> {
    this.retained.store({ ...packet });
    this.#sessions.noteRetained(packet);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.retained.within(filters));
  }

  async subscriptionsByClient({ id }: { readonly id: string }) {
    const { filters } = this.#arriving.get(id) ?? { filters: new Map() };
    return [...filters].map(([topic, qos]) => ({ topic, qos }));
  }

  // Subscriptions are written down where they are authorized, and struck out where UNSUBSCRIBE is read.
  async addSubscriptions(): Promise<void> {}
  async removeSubscriptions(): Promise<void> {}
  async cleanSubscriptions(): Promise<void> {}

  /** The answer is only handed on to `outgoingEnqueueCombi`, which finds out for itself. */
  async subscriptionsByTopic(): Promise<readonly never[]> {
    return [];
  }

  async outgoingEnqueueCombi(_nobody: unknown, packet: AedesPublishPacket): Promise<void> {
    this.#sessions.owe(packet);
  }

  async outgoingEnqueue(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async outgoingClearMessageId(): Promise<void> {}
  outgoingStream = nothing;

  /** Rejects when the client holds too many QoS 2 packets open: aedes ends its connection. */
  async incomingStorePacket(client: Someone, packet: Numbered): Promise<void> {
    const { visit } = visitOf(client);
    if (visit.session.holdUnreleased(packet.messageId)) return;
    visit.refuse('too-many-unreleased');
    throw new Error('too many unreleased packets');
  }

  async incomingGetPacket(client: Someone, packet: Numbered): Promise<Numbered> {
    if (visitOf(client).visit.session.hasUnreleased(packet.messageId)) return packet;
    throw new Error('no such packet');
  }

  async incomingDelPacket(client: Someone, packet: Numbered): Promise<void> {
    if (visitOf(client).visit.session.release(packet.messageId)) return;
    throw new Error('no such packet');
  }

  async cleanIncoming(): Promise<void> {}

  // A will lives in its client's connection; there is no other broker that could publish it.
  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  streamWill = nothing;
}

function visitOf({ conn }: Someone): Passage {
  if (!(conn instanceof Passage)) throw new Error('aedes serves a stranger');
  return conn;
}
