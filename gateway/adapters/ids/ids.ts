/** Names that nobody can guess: ULIDs, callback paths, conversation ids. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

const markLength = 32;
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type IdsOptions = {
  /** Part of the key backup: after a restore the same payout must get the same conversation id. */
  readonly hubKey: Uint8Array;
  readonly now: () => number;
};

/** ULIDs of one millisecond rise, so that what was written later also sorts later. */
export function openIds({ hubKey, now }: IdsOptions): Ids {
  let lastMs = 0;
  let low = 0n;
  return {
    fresh: () => {
      const ms = Math.max(now(), lastMs);
      low = ms === lastMs ? low + 1n : randomLow();
      lastMs = ms;
      return encode(BigInt(ms), 10) + encode(low, 16);
    },
    callbackToken: () => {
      const token = randomBytes(16).toString('hex');
      return { token, hash: hashOf(token) };
    },
    mark: (text) =>
      createHmac('sha256', hubKey).update(`mark|${text}`).digest('hex').slice(0, markLength),
    digest: digestOf,
    payoutConversation: (household, sequence) => {
      const mac = createHmac('sha256', hubKey).update(`${household}|${sequence}`).digest();
      return `J${[...mac.subarray(0, 17)].map((byte) => crockford[byte & 31]).join('')}`;
    },
  };
}

/** SHA-256. */
export const digestOf = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

/** What the books keep of a callback path. */
export const hashOf = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex');

/** 79 random bits: room to count up within a millisecond. */
const randomLow = (): bigint => BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest >>= 5n)
    text = `${crockford[Number(rest & 31n)]}${text}`;
  return text;
}
