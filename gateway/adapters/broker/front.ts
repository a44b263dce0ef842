/** One connection: splits what arrives into packets, keeps what must wait, and writes only whole packets. */
import { Malformed } from './fields.ts';
import { Frames, Unfinished } from './frames.ts';
import type { Refusal } from './refusals.ts';
import type { Wire } from './wire.ts';

/** Why a connection is not read for the moment. */
export type Wait = 'entering' | 'answer' | 'aedes' | 'meter' | 'disk';

const waitBits: Readonly<Record<Wait, number>> = {
  entering: 1,
  answer: 2,
  aedes: 4,
  meter: 8,
  disk: 16,
};

/** Bytes of PUBACKs and PINGRESPs that may lie unread in one socket. */
const ackBytesUnreadMax = 64 * 1024;

export type FrontNeeds = {
  readonly wire: Wire;
  readonly packetBytesMax: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** What the front reads, packet by packet. False: not taken, to be offered again when the wait is over. */
  readonly hears: (bytes: Buffer, from: number, bodyAt: number, endAt: number) => boolean;
  /** It counts; the connection is being closed with the word that this answers, if any. */
  readonly refused: (reason: Refusal) => Uint8Array | undefined;
  /** Called once. */
  readonly closed: () => void;
};

export class Front {
  readonly #needs: FrontNeeds;
  readonly #frames: Frames;
  readonly #unfinished: Unfinished;
  /** What has arrived and must wait. */
  #rest: Buffer | undefined;
  #waits = 0;
  #isReading = false;
  #isPaused = false;
  #isOpen = true;
  #ackBytesUnread = 0;
  #isClogged = false;
  #afterDrain: (() => void) | undefined;
  heardAtMs: number;

  constructor(needs: FrontNeeds) {
    this.#needs = needs;
    this.#frames = new Frames(needs.packetBytesMax);
    this.#unfinished = new Unfinished(this.#frames);
    this.heardAtMs = needs.now();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the client's silence is of our making. */
  get isWaiting(): boolean {
    return this.#waits !== 0;
  }

  /** What arrived from the client; after it has closed nothing is listened to. */
  arrived(chunk: Buffer): void {
    if (!this.#isOpen) return;
    this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#read();
  }

  wait(why: Wait): void {
    this.#waits |= waitBits[why];
  }

  waits(why: Wait): boolean {
    return (this.#waits & waitBits[why]) !== 0;
  }

  goOn(why: Wait): void {
    if (!this.waits(why)) return;
    this.#waits &= ~waitBits[why];
    if (this.#waits === 0) {
      this.heardAtMs = this.#needs.now();
      this.#read();
    }
  }

  /**
   * Whole packets, in the order of the calls; `done` as soon as more is welcome, and nobody who gives one calls
   * again before that.
   */
  write(packets: Uint8Array, done?: () => void): void {
    if (!this.#isOpen) {
      done?.();
      return;
    }
    if (!this.#needs.wire.write(packets)) this.#isClogged = true;
    if (!this.#isClogged) done?.();
    else if (done !== undefined) this.#afterDrain = done;
  }

  /** Short answers to what the client says; who does not read them is cut off. */
  writeAcks(acks: Uint8Array): void {
    if (!this.#isOpen) return;
    if (!this.#needs.wire.write(acks)) this.#isClogged = true;
    if (!this.#isClogged) return;
    this.#ackBytesUnread += acks.length;
    if (this.#ackBytesUnread > ackBytesUnreadMax) this.refuse('acks-unread');
  }

  drained(): void {
    this.#isClogged = false;
    this.#ackBytesUnread = 0;
    const done = this.#afterDrain;
    this.#afterDrain = undefined;
    done?.();
  }

  refuse(reason: Refusal, lastWord?: Uint8Array): void {
    if (!this.#isOpen) return;
    const goodbye = this.#needs.refused(reason);
    this.close(lastWord ?? goodbye);
  }

  /** What was written before still goes out. */
  close(lastWord?: Uint8Array): void {
    if (!this.#isOpen) return;
    if (lastWord !== undefined) this.#needs.wire.write(lastWord);
    this.#isOpen = false;
    this.#rest = undefined;
    this.#unfinished.clear();
    this.#afterDrain?.();
    this.#afterDrain = undefined;
    this.#needs.wire.end();
    // What still arrives is read and dropped: unread bytes would make the system take back our last word.
    this.#needs.wire.resume();
    this.#needs.closed();
  }

  #read(): void {
    if (this.#isReading || this.#waits !== 0) {
      this.#pauseOrResume();
      return;
    }
    this.#isReading = true;
    try {
      while (this.#rest !== undefined && this.#waits === 0)
        this.#rest = this.#packetsOf(this.#rest);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.refuse('protocol-error');
    } finally {
      this.#isReading = false;
    }
    this.#pauseOrResume();
  }

  #pauseOrResume(): void {
    const mustPause = this.#isOpen && this.#waits !== 0;
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    if (mustPause) this.#needs.wire.pause();
    else this.#needs.wire.resume();
  }

  /** Answers what must wait; undefined when nothing does. */
  #packetsOf(chunk: Buffer): Buffer | undefined {
    let at = 0;
    if (!this.#unfinished.isEmpty) {
      at = this.#unfinished.add(chunk, 0, chunk.length);
      if (!this.#isWhole(this.#unfinished.measure())) return undefined;
      const packet = this.#unfinished.take();
      if (this.#needs.hears(packet, 0, this.#frames.bodyAt, packet.length)) this.#heard();
      else return this.#isOpen ? Buffer.concat([packet, chunk.subarray(at)]) : undefined;
    }
    at = this.#wholePacketsFrom(at, chunk);
    return at < chunk.length && this.#isOpen ? chunk.subarray(at) : undefined;
  }

  /** Answers up to where it read; what is begun at the end of the chunk is kept aside. */
  #wholePacketsFrom(start: number, chunk: Buffer): number {
    const { hears } = this.#needs;
    const frames = this.#frames;
    const to = chunk.length;
    let at = start;
    while (at < to && this.#waits === 0 && this.#isOpen) {
      const measured = frames.measure(chunk, at, to);
      if (measured === 'partial') return this.#unfinished.add(chunk, at, to);
      if (!this.#isWhole(measured)) return to;
      const { bodyAt, endAt } = frames;
      if (!hears(chunk, at, bodyAt, endAt)) break;
      at = endAt;
    }
    if (at > start) this.#heard();
    return at;
  }

  #heard(): void {
    this.heardAtMs = this.#needs.now();
  }

  #isWhole(measured: 'whole' | 'partial' | 'malformed' | 'too-large'): boolean {
    if (measured === 'too-large') this.refuse('packet-too-large');
    if (measured === 'malformed') this.refuse('protocol-error');
    return measured === 'whole';
  }
}
