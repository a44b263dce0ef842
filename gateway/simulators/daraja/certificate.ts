/** A self-signed X.509 certificate around a key, because Safaricom hands its key out in one (RFC 5280, DER). */
import { type KeyObject, sign } from 'node:crypto';

const sequence = 0x30;
const set = 0x31;
const integer = 0x02;
const bitString = 0x03;
const objectId = 0x06;
const utf8 = 0x0c;
/** Years before 2050 are written with two digits. */
const utcTime = 0x17;
const generalizedTime = 0x18;

/** sha256WithRSAEncryption, 1.2.840.113549.1.1.11, with its NULL. */
const algorithm = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
/** commonName, 2.5.4.3 */
const commonName = Buffer.from('550403', 'hex');
const from = '260101000000Z';
const to = '20560101000000Z';
const lineLength = 64;

/** The certificate of the simulator's own key, in PEM. Nobody vouches for it. */
export function certificateOf(keys: { publicKey: KeyObject; privateKey: KeyObject }): string {
  const name = der(
    sequence,
    der(set, der(sequence, der(objectId, commonName), der(utf8, Buffer.from('simulated M-Pesa')))),
  );
  const validity = der(
    sequence,
    der(utcTime, Buffer.from(from)),
    der(generalizedTime, Buffer.from(to)),
  );
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
  const serial = der(integer, Buffer.from([1]));
  const body = der(sequence, serial, algorithm, name, validity, name, spki);
  const signature = sign('sha256', body, keys.privateKey);
  // A bit string begins with the number of bits that its last byte leaves unused.
  const signed = der(sequence, body, algorithm, der(bitString, Buffer.from([0]), signature));
  const lines = signed.toString('base64').match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** Short up to 127; else the number of length bytes and these. */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}
