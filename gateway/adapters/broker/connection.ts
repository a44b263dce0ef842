/** One client from its first byte to its last: who it is, what it says, what it is told. */
import type { MeterId } from '../../core/ids.ts';
import { type Connect, connectForAedes, readConnect } from './connect-packet.ts';
import type { Guest } from './door.ts';
import { Malformed } from './fields.ts';
import { Front } from './front.ts';
import type { House } from './house.ts';
import { connack, packetType } from './packets.ts';
import { type Outside, Passage } from './passage.ts';
import type { Caller } from './reading-desk.ts';
import type { ReadingGate, Taken } from './reading-gate.ts';
import { goodbyePacket } from './reasons5.ts';
import { repeatedPackets, unsentPackets } from './redelivery.ts';
import type { Refusal } from './refusals.ts';
import type { Watched } from './rounds.ts';
import type { SessionWish } from './session.ts';
import { neverS } from './sessions.ts';
import { Talk } from './talk.ts';
import { Tongue5 } from './tongue5.ts';
import type { Visit } from './visit.ts';
import type { Wire } from './wire.ts';

/** MQTT 3.1.1 section 3.1.2.10. */
const keepAliveFactor = 1.5;

/** Packet identifiers end there. */
const windowMost = 65_535;

export class Connection implements Outside, Caller, Watched {
  readonly front: Front;
  readonly #house: House;
  readonly #wire: Wire;
  readonly #keyHolder: MeterId | undefined;
  #tongue: Tongue5 | undefined;
  readonly #bornAtMs: number;
  #keepAliveMs = 0;
  #aedesId = '';
  #visit: Visit | undefined;
  #passage: Passage | undefined;
  #gate: ReadingGate | undefined;
  #talk: Talk | undefined;

  constructor(house: House, wire: Wire, keyHolder: MeterId | undefined) {
    this.#house = house;
    this.#wire = wire;
    this.#keyHolder = keyHolder;
    this.#bornAtMs = house.now();
    this.front = new Front({
      wire,
      packetBytesMax: house.packetBytesMax,
      now: house.now,
      hears: (bytes, from, bodyAt, endAt) => this.#hears(bytes, from, bodyAt, endAt),
      refused: (reason) => this.#refused(reason),
      closed: () => this.#closed(),
    });
    house.rounds.watch(this);
  }

  /** The client will say nothing more; what it said before still counts. */
  ended(): void {
    if (this.#passage === undefined || this.front.isWaiting) this.front.close();
    else if (this.front.isOpen) this.#passage.push(null);
  }

  /** The socket is gone. */
  gone(): void {
    this.front.close();
    this.#house.rounds.gone(this.#wire);
  }

  check(nowMs: number): void {
    if (this.#visit === undefined) {
      if (nowMs - this.#bornAtMs >= this.#house.connectTimeoutMs)
        this.front.refuse('connect-timeout');
      return;
    }
    if (this.#keepAliveMs === 0 || this.front.isWaiting) return;
    if (nowMs - this.front.heardAtMs >= this.#keepAliveMs) this.refuse('keepalive-expired');
  }

  refuse(reason: Refusal): void {
    this.front.refuse(reason);
  }

  /** The same client has come back on another connection: MQTT 3.1.1 section 3.1.4. */
  takenOver(): void {
    this.front.close(this.#tongue && goodbyePacket('taken-over'));
  }

  sendAcks(): void {
    const acks = this.#gate?.takeAcks();
    if (acks !== undefined) this.front.writeAcks(acks);
  }

  comeAgain(): void {
    this.front.goOn('meter');
    this.front.goOn('disk');
  }

  /** aedes has sent CONNACK and knows the client: what it is owed comes first, then everything else. */
  ready(): void {
    this.#house.arriving.delete(this.#aedesId);
    if (this.#visit !== undefined) this.#say(repeatedPackets(this.#visit.session));
    this.catchUp();
    this.front.goOn('entering');
  }

  speak(packets: Buffer, done: () => void): void {
    this.#say(this.#talk?.answers(packets) ?? packets, done);
  }

  goOn(): void {
    this.front.goOn('aedes');
  }

  catchUp(): void {
    const visit = this.#visit;
    if (visit === undefined || visit.isCaughtUp || !this.front.isOpen) return;
    if (this.#passage?.isClogged) return;
    const { packets, isAll } = unsentPackets(visit.session);
    visit.isCaughtUp = isAll;
    this.#say(packets);
  }

  published(qos: number): void {
    this.#talk?.published(qos);
  }

  left(): void {
    this.front.close();
  }

  #say(packets: Buffer, done?: () => void): void {
    const said = this.#tongue?.say(packets) ?? packets;
    if (said.length > 0) this.front.write(said, done);
    else done?.();
  }

  #refused(reason: Refusal): Uint8Array | undefined {
    this.#house.refusals.count(reason, { client: this.#visit?.session.key });
    return this.#tongue && goodbyePacket(reason);
  }

  /** False when the packet must be offered again. */
  #hears(bytes: Buffer, from: number, bodyAt: number, endAt: number): boolean {
    const talk = this.#talk;
    if (talk === undefined) return this.#enter(bytes, from, bodyAt, endAt);
    const tongue = this.#tongue;
    const gate = this.#gate;
    const isMqtt5 = tongue !== undefined;
    if (gate !== undefined) {
      const taken = gate.take(bytes, from, bodyAt, endAt, isMqtt5);
      if (taken !== 'another-topic') return this.#dealtWith(gate, taken);
    }
    return isMqtt5
      ? this.#translates(tongue, talk, bytes, from, bodyAt, endAt)
      : talk.hears(bytes, from, bodyAt, endAt);
  }

  #dealtWith(gate: ReadingGate, taken: Exclude<Taken, 'another-topic'>): boolean {
    if (taken === 'malformed') throw new Malformed('a reading without an identifier');
    if (taken === 'taken') {
      if (this.#house.desk.isOverdrawn(gate.pending)) this.#waitForHalf(gate);
      return true;
    }
    this.front.wait('disk');
    this.#house.desk.waitForDisk(this);
    return false;
  }

  #translates(
    tongue: Tongue5,
    talk: Talk,
    ...[bytes, from, bodyAt, endAt]: [Buffer, number, number, number]
  ): boolean {
    const heard = tongue.hear(bytes, from, bodyAt, endAt);
    if (heard === 'goodbye') {
      if (!talk.mayLeave()) return false;
      this.front.close();
    }
    if (heard === 'settled') this.catchUp();
    if (typeof heard === 'string') return true;
    const gate = this.#gate;
    const { length } = heard.bytes;
    // A reading with properties, or whose topic is a number.
    const taken = gate?.take(heard.bytes, 0, heard.bodyAt, length, false) ?? 'another-topic';
    return gate === undefined || taken === 'another-topic'
      ? talk.hears(heard.bytes, 0, heard.bodyAt, length)
      : this.#dealtWith(gate, taken);
  }

  #waitForHalf(gate: ReadingGate): void {
    this.front.wait('meter');
    this.#house.desk.waitForHalf(this, gate.pending);
  }

  #enter(bytes: Buffer, from: number, bodyAt: number, endAt: number): true {
    if (bytes[from] !== packetType.connect << 4) throw new Malformed('no CONNECT');
    const connect = readConnect(bytes, bodyAt, endAt);
    if (connect === undefined) {
      this.front.refuse('unsupported-protocol', connack(1));
      return true;
    }
    if (connect.properties.authMethod !== undefined) {
      this.front.refuse('unsupported-protocol', Tongue5.noSuchAuthentication());
      return true;
    }
    const guest = this.#house.door.judge(connect, this.#keyHolder);
    if ('refusal' in guest) {
      const { refusal, returnCode } = guest;
      const isMqtt5 = connect.level === 5;
      this.front.refuse(refusal, isMqtt5 ? Tongue5.rejection(returnCode) : connack(returnCode));
    } else this.#letIn(connect, guest);
    return true;
  }

  #letIn(connect: Connect, guest: Guest): void {
    const house = this.#house;
    const { session, isPresent } = house.welcome(guest, connect.clean, wishOf(connect), this);
    const refuse = (reason: Refusal) => this.refuse(reason);
    const visit: Visit = { ...guest, session, isCaughtUp: false, refuse };
    this.#visit = visit;
    this.#keepAliveMs = connect.keepAliveS * 1000 * keepAliveFactor;
    if (connect.level === 5) {
      this.#tongue = new Tongue5(connect, guest.clientId, session, house);
    }
    const { identity } = guest;
    if (identity.kind === 'meter') this.#gate = house.desk.gateFor(identity.meter, this);
    const passage = new Passage(visit, this);
    this.#passage = passage;
    const { front } = this;
    const unsubscribe = (filter: string) => house.sessions.unsubscribe(session, filter);
    const settled = () => this.catchUp();
    this.#talk = new Talk({
      ...{ front, passage, gate: this.#gate, visit, isPresent, unsubscribe, settled },
    });
    front.wait('entering');
    this.#aedesId = house.nextAedesId();
    if (session.isKept) house.arriving.set(this.#aedesId, session);
    house.aedes.handle(passage);
    passage.push(connectForAedes(this.#aedesId, !session.isKept, connect.will));
  }

  #closed(): void {
    const house = this.#house;
    house.rounds.forget(this);
    house.rounds.seeOff(this.#wire);
    house.arriving.delete(this.#aedesId);
    if (this.#gate !== undefined) house.desk.leave(this.#gate, this);
    if (this.#visit !== undefined) house.goodbye(this.#visit, this);
    this.#passage?.destroy();
  }
}

/** MQTT 3.1.1 remembers for ever or not at all; in MQTT 5 every client has a window, so all is written down. */
function wishOf({ level, clean, properties }: Connect): SessionWish {
  const { sessionExpiryS, receiveMax } = properties;
  if (level < 5) return { isKept: !clean, expiryS: clean ? 0 : neverS, windowMax: windowMost };
  return {
    isKept: true,
    expiryS: typeof sessionExpiryS === 'number' ? sessionExpiryS : 0,
    windowMax: typeof receiveMax === 'number' ? receiveMax : windowMost,
  };
}
