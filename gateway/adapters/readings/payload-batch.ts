/** Payloads on their way to the writing thread: one buffer, handed over instead of copied. */
import type { MeterId } from '../../core/ids.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';

/** A reading is some 200 bytes; a longer payload is cut here, kept as evidence and never parsed. */
export const payloadBytesMax = 2048;

/** f64 receipt, u8 length of the meter's name, u8 whether the payload was cut, u16 its length. */
const headerBytes = 12;
const nameBytesMax = 255;
const startBytes = 64 * 1024;

export type Parcel = {
  readonly meter: MeterId;
  readonly receivedAt: EpochMs;
  readonly tooLarge: boolean;
  readonly payload: Buffer;
};

export class PayloadBatch {
  #bytes = Buffer.allocUnsafeSlow(startBytes);
  #used = 0;

  /** Copies the payload; the caller may reuse its bytes. */
  add(meter: MeterId, payload: Uint8Array, receivedAt: EpochMs): void {
    const name = Buffer.from(meter);
    if (name.length > nameBytesMax) throw new RangeError('the name of a meter is too long');
    const kept = payload.subarray(0, payloadBytesMax);
    this.#makeRoom(headerBytes + name.length + kept.length);
    const head = this.#bytes.subarray(this.#used);
    head.writeDoubleLE(receivedAt, 0);
    head.writeUInt8(name.length, 8);
    head.writeUInt8(payload.length > payloadBytesMax ? 1 : 0, 9);
    head.writeUInt16LE(kept.length, 10);
    head.set(name, headerBytes);
    head.set(kept, headerBytes + name.length);
    this.#used += headerBytes + name.length + kept.length;
  }

  /** Gives the bytes away and starts afresh, in `spare` when there is one. */
  take(spare: ArrayBuffer | undefined): { readonly buffer: ArrayBuffer; readonly used: number } {
    const taken = { buffer: this.#bytes.buffer as ArrayBuffer, used: this.#used };
    this.#bytes = spare === undefined ? Buffer.allocUnsafeSlow(startBytes) : Buffer.from(spare);
    this.#used = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}

/** The payloads of a batch in the order in which they came. */
export function* parcelsOf(buffer: ArrayBuffer, used: number): Generator<Parcel> {
  const bytes = Buffer.from(buffer, 0, used);
  for (let from = 0; from < used; ) {
    const nameAt = from + headerBytes;
    const payloadAt = nameAt + bytes.readUInt8(from + 8);
    const end = payloadAt + bytes.readUInt16LE(from + 10);
    yield {
      meter: bytes.toString('utf8', nameAt, payloadAt) as MeterId,
      receivedAt: epochMs(bytes.readDoubleLE(from)),
      tooLarge: bytes.readUInt8(from + 9) === 1,
      payload: bytes.subarray(payloadAt, end),
    };
    from = end;
  }
}
