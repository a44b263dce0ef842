/** What aedes believes to be the socket of one client. */
import { Duplex } from 'node:stream';
import { Frames, Unfinished } from './frames.ts';
import type { Visit } from './visit.ts';

/** What aedes may leave unread with one client before it waits: one burst of retained messages. */
export const passageBytesMax = 1024 * 1024;
/** What the hub itself says may be as long as MQTT allows: MQTT 3.1.1 section 2.2.3. */
const anyLength = 0x0fff_ffff;

/** The side of the passage where the socket is. */
export interface Outside {
  /** Packets from aedes, always whole ones; `done` when more may come. */
  speak(packets: Buffer, done: () => void): void;
  /** aedes has room for more. */
  goOn(): void;
  /** The client has read what lay before it, and can take what it was owed meanwhile. */
  catchUp(): void;
  /** aedes has sent CONNACK and knows the client. */
  ready(): void;
  /** aedes handed a message of the client on. */
  published(qos: number): void;
  /** aedes ended the connection. */
  left(): void;
}

export class Passage extends Duplex {
  readonly visit: Visit;
  readonly #outside: Outside;
  readonly #frames = new Frames(anyLength);
  readonly #unfinished = new Unfinished(this.#frames);

  constructor(visit: Visit, outside: Outside) {
    super({ writableHighWaterMark: passageBytesMax });
    this.visit = visit;
    this.#outside = outside;
    this.on('drain', () => outside.catchUp());
  }

  ready(): void {
    this.#outside.ready();
  }

  published(qos: number): void {
    this.#outside.published(qos);
  }

  get isClogged(): boolean {
    return this.writableNeedDrain || this.writableLength >= passageBytesMax;
  }

  override _read(): void {
    this.#outside.goOn();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const whole = this.#wholePackets(chunk);
    if (whole.length === 0) done();
    else this.#outside.speak(whole, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#unfinished.clear();
    this.#outside.left();
    done(error);
  }

  /** Keeps the begun packet back, so that a PUBACK to a reading never stands inside another packet. */
  #wholePackets(chunk: Buffer): Buffer {
    const begun = this.#unfinished.isEmpty
      ? chunk
      : Buffer.concat([this.#unfinished.take(), chunk]);
    let at = 0;
    while (at < begun.length && this.#frames.measure(begun, at, begun.length) === 'whole') {
      at = this.#frames.endAt;
    }
    if (at < begun.length) this.#unfinished.keep(begun, at);
    return begun.subarray(0, at);
  }
}
