/** The ids that M-Pesa gives to things. Shapes as in Safaricom's samples; to the caller they are opaque. */
import { dayFirstStamp, dayStamp, stamp } from './east-africa-time.ts';
import { pick, type Random } from './random.ts';

const hex = '0123456789abcdef';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lettersAndDigits = `0123456789${letters}`;
/** Receipts begin with the date: A is 2006 (so U is 2026), A is January, 1 to 9 then A to V is the day. */
const receiptEpochYear = 2006;
const receiptDays = '0123456789ABCDEFGHIJKLMNOPQRSTUV';
const tokenLength = 28;

export type Names = {
  /** `ws_CO_` + ddMMyyyyHHmmss (EAT) + milliseconds + nine digits of the phone; never given twice. */
  checkoutRequest(phone: string): string;
  merchantRequest(): string;
  conversation(): string;
  /** Ten upper-case letters and digits; never given twice, for payments and payouts alike. */
  receipt(): string;
  request(): string;
  token(): string;
};

/** Opens the register that the simulator takes its names from. */
export function openNames(random: Random, now: () => number): Names {
  const receipts = new Set<string>();
  let lastPromptMs = 0;

  function receipt(): string {
    const day = dateOfReceipt(now());
    let fresh = day + pick(random, lettersAndDigits, 7);
    while (receipts.has(fresh)) fresh = day + pick(random, lettersAndDigits, 7);
    receipts.add(fresh);
    return fresh;
  }

  function checkoutRequest(phone: string): string {
    // Two pushes may share a millisecond of a clock that stands still; their ids may not.
    lastPromptMs = Math.max(Math.trunc(now()), lastPromptMs + 1);
    const ms = String(lastPromptMs % 1000).padStart(3, '0');
    return `ws_CO_${dayFirstStamp(lastPromptMs)}${ms}${phone.slice(-9)}`;
  }

  return {
    checkoutRequest,
    receipt,
    merchantRequest: () => [4, 4, 4, 16].map((length) => pick(random, hex, length)).join('-'),
    conversation: () => `AG_${dayStamp(now())}_${pick(random, hex, 20)}`,
    request: () => [4, 4, 4, 12].map((length) => pick(random, hex, length)).join('-'),
    token: () => pick(random, letters + letters.toLowerCase() + hex, tokenLength),
  };
}

function dateOfReceipt(ms: number): string {
  const written = stamp(ms);
  const year = letters[(Number(written.slice(0, 4)) - receiptEpochYear) % letters.length];
  const month = letters[Number(written.slice(4, 6)) - 1];
  return `${year}${month}${receiptDays[Number(written.slice(6, 8))]}`;
}
