/**
 * Checks Ed25519 signatures of readings on libuv's threads. Signed is the topic, a line feed and the raw payload
 * up to `,"sig":"`, its last field (facts of the meter's reading): bytes first, parsing second.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { MeterId } from '../../core/ids.ts';
import type { Batch } from './messages.ts';
import { indexWidth } from './payload-batch.ts';

const signatureBytes = 64;
/** 64 bytes in base64 with padding. */
const signatureText = 88;
const before = Buffer.from(',"sig":"');
const after = Buffer.from('"}');
/** DER of a SubjectPublicKeyInfo for Ed25519, without the key itself: RFC 8410 section 4. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

export type Signer = { readonly key: KeyObject; readonly heading: Buffer };

/** `publicKey` are the 32 bytes of RFC 8032. */
export const signerOf = (meter: MeterId, publicKey: Uint8Array): Signer => ({
  key: createPublicKey({
    key: Buffer.concat([spkiPrefix, publicKey]),
    format: 'der',
    type: 'spki',
  }),
  heading: Buffer.from(`jirani/v1/meters/${meter}/reading\n`),
});

/** 1 for every payload whose meter must sign and which bears no signature of it; undefined when no meter signs. */
export function forgedIn(
  { bytes, index, count }: Batch,
  signerOfNumber: (number: number) => Signer | undefined,
): Promise<Uint8Array> | undefined {
  const signed: { k: number; signer: Signer }[] = [];
  for (let k = 0; k < count; k++) {
    const signer = signerOfNumber(index[k * indexWidth] as number);
    if (signer !== undefined) signed.push({ k, signer });
  }
  if (signed.length === 0) return undefined;
  const forged = new Uint8Array(count);
  const whole = Buffer.from(bytes);
  return new Promise((resolve) => {
    let open = signed.length;
    const settle = (k: number, good: boolean): void => {
      forged[k] = good ? 0 : 1;
      open -= 1;
      if (open === 0) resolve(forged);
    };
    for (const { k, signer } of signed) {
      const [from, to] = [index[k * indexWidth + 1], index[k * indexWidth + 2]];
      check(whole.subarray(from, to), signer, (good) => settle(k, good));
    }
  });
}

function check(payload: Buffer, { key, heading }: Signer, done: (good: boolean) => void): void {
  const textAt = payload.length - after.length - signatureText;
  const cut = textAt - before.length;
  const isWhole =
    cut > 0 &&
    payload.compare(before, 0, before.length, cut, textAt) === 0 &&
    payload.compare(after, 0, after.length, payload.length - after.length) === 0;
  const signature = isWhole
    ? Buffer.from(payload.toString('latin1', textAt, textAt + signatureText), 'base64')
    : Buffer.alloc(0);
  if (signature.length !== signatureBytes) {
    done(false);
    return;
  }
  const told = Buffer.concat([heading, payload.subarray(0, cut)]);
  verify(null, told, key, signature, (error, good) => done(error === null && good));
}
