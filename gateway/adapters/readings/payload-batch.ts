/** Payloads on their way to the writing thread: two buffers, handed over instead of copied. */

/** A reading is some 200 bytes; of a longer payload one byte more than this is kept as evidence, and never parsed. */
export const payloadBytesMax = 2048;
/** Numbers per payload in the index. */
export const indexWidth = 4;

const startBytes = 256 * 1024;
const startPayloads = 2048;

export type Spare = { readonly bytes: ArrayBuffer; readonly index: Float64Array<ArrayBuffer> };

export class PayloadBatch {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(startBytes);
  #index = new Float64Array(startPayloads * indexWidth);
  #used = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Copies bytes[from, to); the caller may reuse them. */
  add(number: number, bytes: Uint8Array, from: number, to: number, receivedAt: number): void {
    const end = Math.min(to, from + payloadBytesMax + 1);
    const length = end - from;
    if (this.#used + length > this.#bytes.length) this.#growBytes(length);
    let at = this.#count * indexWidth;
    if (at === this.#index.length) this.#growIndex();
    (bytes as Buffer).copy(this.#bytes, this.#used, from, end);
    this.#index[at++] = number;
    this.#index[at++] = this.#used;
    this.#index[at++] = this.#used + length;
    this.#index[at] = receivedAt;
    this.#used += length;
    this.#count += 1;
  }

  /** Gives the buffers away and starts afresh, in `spare` when there is one. */
  take(spare: Spare | undefined): Spare & { readonly count: number } {
    const taken = {
      bytes: this.#bytes.buffer,
      index: this.#index,
      count: this.#count,
    };
    this.#bytes = spare ? Buffer.from(spare.bytes) : Buffer.allocUnsafeSlow(startBytes);
    this.#index = spare ? spare.index : new Float64Array(startPayloads * indexWidth);
    this.#used = 0;
    this.#count = 0;
    return taken;
  }

  #growBytes(length: number): void {
    const larger = Buffer.allocUnsafeSlow(this.#bytes.length * 2 + length);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }

  #growIndex(): void {
    const larger = new Float64Array(this.#index.length * 2);
    larger.set(this.#index);
    this.#index = larger;
  }
}
