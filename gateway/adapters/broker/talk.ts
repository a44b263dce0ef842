/** What a client says after its CONNECT and is not a reading: checked here, answered by aedes. */
import { Malformed } from './fields.ts';
import type { Front } from './front.ts';
import {
  bodyOf,
  checkFlags,
  packetType,
  pingResponse,
  readPacketId,
  readPublish,
  readSubscribe,
  readUnsubscribe,
  shortPacket,
} from './packets.ts';
import type { Passage } from './passage.ts';
import type { ReadingGate } from './reading-gate.ts';
import type { Visit } from './visit.ts';

export type TalkNeeds = {
  readonly front: Front;
  readonly passage: Passage;
  /** Of a meter. */
  readonly gate: ReadingGate | undefined;
  readonly visit: Visit;
  /** Whether the client was remembered. */
  readonly isPresent: boolean;
  /** The client acknowledged something. */
  readonly settled: () => void;
  readonly unsubscribe: (filter: string) => void;
};

const { publish, puback, pubrec, pubrel, pubcomp, subscribe, unsubscribe } = packetType;
const { connack, suback, unsuback, pingreq, disconnect } = packetType;
const answerTypes = new Set<number>([puback, pubrec, pubcomp, suback, unsuback]);

export class Talk {
  readonly #needs: TalkNeeds;
  /** Questions that aedes has not answered. */
  #unanswered = 0;
  /** Messages at QoS 0 and 1 that aedes has not handed on yet; it says PUBACK before that. */
  #unpublished = 0;
  #hasLeft = false;
  /** Which answer belongs to each filter of the SUBSCRIBE that repeats one. */
  #answerPerFilter: number[] | undefined;

  constructor(needs: TalkNeeds) {
    this.#needs = needs;
  }

  /** False when the packet must wait for earlier answers. */
  hears(bytes: Buffer, from: number, bodyAt: number, endAt: number): boolean {
    const first = bytes[from] as number;
    checkFlags(first);
    const type = first >> 4;
    if (this.#isBusy && (type === subscribe || type === unsubscribe || type === disconnect)) {
      return this.#waitForAnswers();
    }
    const goesOn = this.#checks(type, bytes, from, bodyAt, endAt);
    if (goesOn && !this.#needs.passage.push(bytes.subarray(from, endAt))) {
      this.#needs.front.wait('aedes');
    }
    return true;
  }

  /** What aedes says, as the client shall hear it. */
  answers(packets: Buffer): Buffer {
    let said: Buffer[] | undefined;
    for (let at = 0; at < packets.length; ) {
      const { endAt } = bodyOf(packets, at);
      const type = (packets[at] as number) >> 4;
      if (answerTypes.has(type)) this.#answered();
      if (type === connack) packets[at + 2] = this.#needs.isPresent ? 1 : 0;
      if (type === suback && this.#answerPerFilter !== undefined) {
        said = [packets.subarray(0, at), this.#fullSuback(packets.subarray(at, endAt))];
        said.push(packets.subarray(endAt));
      }
      at = endAt;
    }
    return said === undefined ? packets : Buffer.concat(said);
  }

  /** aedes handed a message of this client on. */
  published(qos: number): void {
    if (qos < 2) this.#unpublished -= 1;
    this.#goOnUnlessBusy();
  }

  /** False when something is still to be answered, and the packet must come again. */
  mayLeave(): boolean {
    return !this.#isBusy || this.#waitForAnswers();
  }

  get #isBusy(): boolean {
    return this.#unanswered > 0 || this.#unpublished > 0;
  }

  /** Whether aedes should hear it too. */
  #checks(type: number, bytes: Buffer, from: number, bodyAt: number, endAt: number): boolean {
    const { session } = this.#needs.visit;
    switch (type) {
      case publish:
        return this.#publishes(bytes, from, bodyAt, endAt);
      case puback:
      case pubcomp:
        session.settle(readPacketId(bytes, bodyAt, endAt));
        this.#needs.settled();
        return true;
      case pubrec:
        session.received(readPacketId(bytes, bodyAt, endAt));
        return true;
      case pubrel:
        readPacketId(bytes, bodyAt, endAt);
        this.#unanswered += 1;
        return true;
      case subscribe:
        return this.#subscribes(bytes, bodyAt, endAt);
      case unsubscribe:
        for (const filter of readUnsubscribe(bytes, bodyAt, endAt).filters) {
          this.#needs.unsubscribe(filter);
        }
        return this.#asksAlone();
      case pingreq:
      case disconnect:
        if (bodyAt !== endAt) throw new Malformed('too long');
        if (type === pingreq) this.#needs.front.writeAcks(pingResponse);
        else this.#leaves();
        return type === disconnect;
      default:
        throw new Malformed('not for a client to say');
    }
  }

  #publishes(bytes: Buffer, from: number, bodyAt: number, endAt: number): boolean {
    const { qos, retain } = readPublish(bytes, from, bodyAt, endAt);
    if (this.#needs.gate?.isOwnTopic(bytes, bodyAt, endAt)) {
      this.#needs.visit.refuse(
        qos !== 1 ? 'wrong-qos' : retain ? 'retained-reading' : 'foreign-topic',
      );
      return false;
    }
    if (qos > 0) this.#unanswered += 1;
    if (qos < 2) this.#unpublished += 1;
    return true;
  }

  /** Nothing is read after a goodbye: MQTT 3.1.1 section 3.14.4. */
  #leaves(): void {
    this.#hasLeft = true;
    this.#waitForAnswers();
  }

  /** aedes answers a filter that is repeated in one packet once; the client counts answers: section 3.9.3. */
  #subscribes(bytes: Buffer, bodyAt: number, endAt: number): boolean {
    const filters = readSubscribe(bytes, bodyAt, endAt).asked.map(({ filter }) => filter);
    const different = [...new Set(filters)];
    if (different.length < filters.length) {
      this.#answerPerFilter = filters.map((filter) => different.indexOf(filter));
    }
    return this.#asksAlone();
  }

  /** aedes works on everything it has read at once; what changes subscriptions goes one by one. */
  #asksAlone(): true {
    this.#unanswered += 1;
    this.#waitForAnswers();
    return true;
  }

  #waitForAnswers(): false {
    this.#needs.front.wait('answer');
    return false;
  }

  #answered(): void {
    this.#unanswered -= 1;
    this.#goOnUnlessBusy();
  }

  #goOnUnlessBusy(): void {
    if (this.#isBusy || this.#hasLeft || !this.#needs.front.waits('answer')) return;
    // Not before this answer itself was written.
    queueMicrotask(() => this.#needs.front.goOn('answer'));
  }

  #fullSuback(packet: Buffer): Buffer {
    const codesAt = 4;
    const codes = (this.#answerPerFilter ?? []).map((index) => packet[codesAt + index] ?? 0x80);
    this.#answerPerFilter = undefined;
    const header = shortPacket(suback << 4, packet.readUInt16BE(2));
    header[1] = 2 + codes.length;
    return Buffer.concat([header, Buffer.from(codes)]);
  }
}
