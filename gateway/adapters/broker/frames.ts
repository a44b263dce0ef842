/** Finds where MQTT packets begin and end in a stream that arrives in pieces of any size. */

export type Measured = 'whole' | 'partial' | 'malformed' | 'too-large';

/** The remaining length takes at most four bytes of seven bits: MQTT 3.1.1 section 2.2.3. */
const lastLengthShift = 21;
/** Most packets that arrive in pieces are no longer than this; the buffer doubles for those that are. */
const firstPieceBytes = 256;

/** The answer of `measure` lives in its fields, so that measuring a reading makes no garbage. */
export class Frames {
  /** Where the body of the packet last measured begins. */
  bodyAt = 0;
  /** Where the packet last measured ends; 0 while its length is not known yet. */
  endAt = 0;
  readonly #bodyBytesMax: number;

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** Looks at the packet that begins at `from`; bytes from `to` on have not arrived. */
  measure(bytes: Uint8Array, from: number, to: number): Measured {
    let length = 0;
    for (let at = from + 1, shift = 0; at < to; at += 1, shift += 7) {
      const byte = bytes[at] as number;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (length > this.#bodyBytesMax) return 'too-large';
        this.bodyAt = at + 1;
        this.endAt = this.bodyAt + length;
        return this.endAt <= to ? 'whole' : 'partial';
      }
      if (shift === lastLengthShift) return 'malformed';
    }
    this.endAt = 0;
    return 'partial';
  }
}

const nothing = Buffer.alloc(0);

/** Puts together one packet that arrives in pieces; each byte is copied at most twice on average. */
export class Unfinished {
  #bytes: Buffer = nothing;
  #filled = 0;
  readonly #frames: Frames;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  get isEmpty(): boolean {
    return this.#filled === 0;
  }

  /** How much memory it holds. */
  get capacityBytes(): number {
    return this.#bytes.length;
  }

  /** Takes what belongs to this packet from `at` on, and answers where the next one begins. */
  add(chunk: Uint8Array, at: number, to: number): number {
    let next = at;
    let measured = this.#measure();
    while (next < to && measured === 'partial' && this.#frames.endAt === 0) {
      next = this.#copy(chunk, next, next + 1);
      measured = this.#measure();
    }
    if (measured !== 'partial' || next === to) return next;
    return this.#copy(chunk, next, Math.min(to, next + this.#frames.endAt - this.#filled));
  }

  /** As `Frames.measure`, whose fields then speak of the bytes that `take` gives. */
  measure(): Measured {
    return this.#measure();
  }

  /** The whole packet; what comes next begins a new one. */
  take(): Buffer {
    const packet = this.#bytes.subarray(0, this.#filled);
    this.clear();
    return packet;
  }

  /** Begins with what stands from `at` on. */
  keep(bytes: Uint8Array, at: number): void {
    this.clear();
    this.#copy(bytes, at, bytes.length);
  }

  clear(): void {
    this.#bytes = nothing;
    this.#filled = 0;
  }

  #measure(): Measured {
    if (this.#filled === 0) {
      this.#frames.endAt = 0;
      return 'partial';
    }
    return this.#frames.measure(this.#bytes, 0, this.#filled);
  }

  #copy(chunk: Uint8Array, from: number, to: number): number {
    const needed = this.#filled + to - from;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(firstPieceBytes, needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#filled);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk.subarray(from, to), this.#filled);
    this.#filled = needed;
    return to;
  }
}
