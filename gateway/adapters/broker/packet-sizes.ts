/** Looks only at the lengths of MQTT packets as they stream by; keeps no bytes. */

/** The remaining length takes at most four bytes: MQTT 3.1.1 section 2.2.3. */
const lengthBytesMax = 4;

/**
 * A function to feed with every chunk of one connection, in order. It answers false as soon as a packet
 * announces more than `packetBytesMax` bytes after its header, long before they have arrived.
 */
export function watchPacketSizes(packetBytesMax: number): (chunk: Uint8Array) => boolean {
  let toSkip = 0;
  let lengthBytes = -1;
  let length = 0;

  const takeLengthByte = (byte: number): boolean => {
    length += (byte & 0x7f) * 128 ** lengthBytes;
    lengthBytes += 1;
    if (length > packetBytesMax) return false;
    if (byte < 0x80) {
      toSkip = length;
      lengthBytes = -1;
      return true;
    }
    return lengthBytes < lengthBytesMax;
  };

  /** How many bytes from `at` on need no further look; 0 when the packet is too large. */
  const step = (chunk: Uint8Array, at: number): number => {
    if (toSkip > 0) {
      const skipped = Math.min(toSkip, chunk.length - at);
      toSkip -= skipped;
      return skipped;
    }
    if (lengthBytes >= 0) return takeLengthByte(chunk[at] ?? 0) ? 1 : 0;
    lengthBytes = 0;
    length = 0;
    return 1;
  };

  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      const taken = step(chunk, at);
      if (taken === 0) return false;
      at += taken;
    }
    return true;
  };
}
