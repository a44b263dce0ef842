/**
 * What a meter is given on the keeper's table: the label on its box, whose QR code lets a phone join the meter's setup
 * network, and the file that it is flashed with. Both follow from its id and secret (the meter's protocol).
 */
import { createHmac } from 'node:crypto';
import { hashOf } from './secret-hash.ts';

const purpose = 'jirani/v1/claim';
/** 60 bits in letters that nobody mixes up. */
const claimLetters = 12;
const bitsPerLetter = 5;
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const idTailMax = 6;

export type SetupLabel = {
  /** Twelve letters: the setup network's password, and what its page asks for. */
  readonly claim: string;
  /** Its Wi-Fi name. */
  readonly network: string;
  /** What the QR code says; a phone that scans it joins that network. */
  readonly text: string;
};

export function labelOf(meter: string, secret: string): SetupLabel {
  const mac = createHmac('sha256', Buffer.from(hashOf(secret), 'hex'))
    .update(purpose)
    .digest();
  const bits = mac.readBigUInt64BE(0) >> BigInt(64 - claimLetters * bitsPerLetter);
  const claim = Array.from({ length: claimLetters }, (_, at) => {
    const place = BigInt((claimLetters - 1 - at) * bitsPerLetter);
    return crockford[Number((bits >> place) & 31n)];
  }).join('');
  // A colon would have to be escaped in the QR code.
  const network = `jirani-${meter.slice(-idTailMax).replaceAll(':', '-')}`;
  return { claim, network, text: `WIFI:T:WPA;S:${network};P:${claim};;` };
}

export type HubAddress = {
  readonly host: string;
  readonly port: number;
  /** False on a bench only: then the secret crosses the wire in the clear. */
  readonly isTls: boolean;
};

/** The lines that the firmware reads. */
export function configurationOf(meter: string, secret: string, hub: HubAddress): string {
  const address = `${hub.isTls ? 'mqtts' : 'mqtt'}://${hub.host}:${hub.port}`;
  return `jirani-meter=1\nid=${meter}\nsecret=${secret}\nhub=${address}\n`;
}
