/** Reads the fields of one MQTT packet, one after the other. */
import { isUtf8 } from 'node:buffer';

/** What stands in a packet is not MQTT; the connection ends. Never leaves this folder. */
export class Malformed extends Error {}

export class Fields {
  readonly #bytes: Buffer;
  readonly #end: number;
  at: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.at;
  }

  byte(): number {
    return this.#bytes[this.#step(1)] as number;
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#step(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#step(4));
  }

  /** A packet identifier is never 0: MQTT 3.1.1 section 2.3.1. */
  packetId(): number {
    const id = this.uint16();
    if (id === 0) throw new Malformed('packet identifier 0');
    return id;
  }

  /** MQTT 5 section 1.5.5. */
  variableInteger(): number {
    let value = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Malformed('an integer of more than four bytes');
  }

  binary(): Buffer {
    const length = this.uint16();
    const from = this.#step(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Well-formed UTF-8 without U+0000: MQTT 3.1.1 section 1.5.3. */
  text(): string {
    const bytes = this.binary();
    if (!isUtf8(bytes) || bytes.includes(0)) throw new Malformed('not a text');
    return bytes.toString('utf8');
  }

  rest(): Buffer {
    const from = this.#step(this.left);
    return this.#bytes.subarray(from, this.#end);
  }

  #step(length: number): number {
    if (length > this.left) throw new Malformed('too short');
    const from = this.at;
    this.at += length;
    return from;
  }
}
