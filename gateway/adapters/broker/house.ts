/** What all connections of the broker share. */
import type { Aedes } from 'aedes';
import type { MeterId } from '../../core/ids.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { ReadingSink } from '../../ports/readings.ts';
import { Door, type Guest } from './door.ts';
import { ReadingDesk } from './reading-desk.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { Rounds } from './rounds.ts';
import type { Session, SessionWish } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Visit } from './visit.ts';

/** A connection of a client that was let in. */
interface Resident {
  takenOver(): void;
  refuse(reason: Refusal): void;
}
/** `key` is what the meter's credentials were when it was let in. */
type ResidentMeter = { readonly resident: Resident; readonly key: string | undefined };

/** Meters whose credentials are looked at anew in one round: few enough that the event loop does not feel it. */
const lookedAtPerRound = 200;

type Needs = {
  readonly aedes: Aedes;
  readonly sessions: Sessions;
  /** Sessions of clients on whose CONNECT aedes is at work, by the id that aedes knows. */
  readonly arriving: Map<string, Session>;
  readonly refusals: Refusals;
  readonly credentials: Credentials;
  readonly sink: ReadingSink;
  readonly packetBytesMax: number;
  /** Messages that a client may have on their way to us, as MQTT 5 clients are told. */
  readonly receiveMax: number;
  readonly pendingPerMeterMax: number;
  /** How long a stranger may take to say who it is. */
  readonly connectTimeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
};

export class House {
  readonly aedes: Needs['aedes'];
  readonly sessions: Sessions;
  readonly arriving: Map<string, Session>;
  readonly refusals: Refusals;
  readonly packetBytesMax: number;
  readonly receiveMax: number;
  readonly connectTimeoutMs: number;
  readonly now: () => number;
  readonly door: Door;
  readonly desk: ReadingDesk;
  readonly rounds: Rounds;
  readonly #residents = new Map<string, Resident>();
  readonly #credentials: Credentials;
  readonly #meters = new Map<MeterId, ResidentMeter>();
  #toLookAt: Iterator<[MeterId, ResidentMeter]> | undefined;
  #lastAedesId = 0;

  constructor(needs: Needs) {
    this.aedes = needs.aedes;
    this.sessions = needs.sessions;
    this.arriving = needs.arriving;
    this.refusals = needs.refusals;
    this.packetBytesMax = needs.packetBytesMax;
    this.receiveMax = needs.receiveMax;
    this.connectTimeoutMs = needs.connectTimeoutMs;
    this.now = needs.now;
    this.#credentials = needs.credentials;
    this.door = new Door(needs.credentials, (meter) => this.#meters.has(meter as MeterId));
    this.desk = new ReadingDesk(needs.sink, needs.pendingPerMeterMax);
    this.rounds = new Rounds(needs.now, (nowMs) => {
      this.sessions.expire(nowMs);
      this.#lookAgain();
    });
  }

  /** aedes never sees the same client twice: who comes back is taken over here, before aedes hears of it. */
  nextAedesId(): string {
    this.#lastAedesId += 1;
    return String(this.#lastAedesId);
  }

  welcome({ identity, clientId }: Guest, isClean: boolean, wish: SessionWish, resident: Resident) {
    const key = `${identity.kind} ${clientId}`;
    this.#residents.get(key)?.takenOver();
    this.#residents.set(key, resident);
    if (identity.kind === 'meter') {
      const key = this.#credentials.keyOf(identity.meter);
      this.#meters.set(identity.meter, { resident, key });
    }
    return this.sessions.begin(key, isClean, wish);
  }

  goodbye({ identity, session }: Visit, resident: Resident): void {
    if (this.#residents.get(session.key) === resident) this.#residents.delete(session.key);
    if (identity.kind === 'meter' && this.#meters.get(identity.meter)?.resident === resident) {
      this.#meters.delete(identity.meter);
    }
    this.sessions.leave(session, this.now());
  }

  /** A meter that was revoked, or got a new password, does not stay for being connected already. */
  #lookAgain(): void {
    this.#toLookAt ??= this.#meters.entries();
    for (let looked = 0; looked < lookedAtPerRound; looked++) {
      const next = this.#toLookAt.next();
      if (next.done) {
        this.#toLookAt = undefined;
        return;
      }
      const [meter, { resident, key }] = next.value;
      if (this.#credentials.keyOf(meter) !== key) resident.refuse('revoked');
    }
  }

  online(): ReadonlySet<MeterId> {
    return new Set(this.#meters.keys());
  }

  get residents(): number {
    return this.#residents.size;
  }
}
