/** Who pays for signed bytes, read without the library: the first account of the message. */
import bs58 from 'bs58';

const [signatureBytes, headerBytes, addressBytes] = [64, 3, 32];

/**
 * base58. Legacy transactions of fewer than 128 signatures and accounts, as ours all are (Solana, "Transaction format":
 * compact arrays of one byte, three bytes of header).
 */
export function feePayerOf(raw: Uint8Array): string {
  const start = 1 + (raw[0] ?? 0) * signatureBytes + headerBytes + 1;
  return bs58.encode(raw.subarray(start, start + addressBytes));
}
