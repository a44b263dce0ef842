/** Whatever anybody posts to whatever path: a claim comes out, and its sums are whole. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCallback } from '../../../gateway/adapters/daraja/read-callback.ts';
import type { CallbackKind, Claim } from '../../../gateway/ports/mobile-money.ts';
import { aPushCallback, aResult } from './messages.ts';

const reading = suite('reading whatever is posted');

const kinds: CallbackKind[] = [
  'push',
  'payout-result',
  'payout-timeout',
  'status-result',
  'status-timeout',
  'receipt-result',
  'receipt-timeout',
  'reversal-result',
  'reversal-timeout',
  'balance-result',
  'balance-timeout',
  'confirmation',
  'validation',
];
const sums = [
  'amountCents',
  'chargeCents',
  'utilityCents',
  'chargesPaidCents',
  'workingCents',
] as const;
const texts = ['code', 'receipt', 'reference', 'phone', 'transactionId', 'status'] as const;

/** No NaN, no fraction, no minus nought, no text without end. */
function isSound(claim: Claim): void {
  const fields = claim as Partial<Record<(typeof sums)[number] | (typeof texts)[number], unknown>>;
  for (const name of sums) {
    const sum = fields[name];
    if (sum === undefined) continue;
    assert.ok(Number.isSafeInteger(sum) && !Object.is(sum, -0), `${name} ${sum}`);
    if (name === 'amountCents' || name === 'chargeCents') assert.ok(Number(sum) >= 0, name);
  }
  for (const name of texts) {
    const text = fields[name];
    if (text === undefined) continue;
    assert.type(text, 'string');
    assert.ok([...String(text)].length <= 64, name);
    assert.not.match(String(text), /[\p{C}]/u);
  }
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.double(),
  fc.string({ unit: 'grapheme' }),
  fc.tuple(fc.constantFrom('', '-'), fc.nat(), fc.nat()).map(([sign, a, b]) => `${sign}${a}.${b}`),
  fc.constantFrom('37.00', 37.1, -0, '-0.00', 'Completed', 'UJ22T8IYOU', 1e300, '1e3', 'NaN'),
);
const account = fc
  .tuple(
    fc.constantFrom('Utility Account', 'Working Account', 'Charges Paid Account', ''),
    fc.constantFrom('KES', 'USD', ''),
    value,
  )
  .map((parts) => parts.join('|'));
const balances = fc.array(account, { maxLength: 20 }).map((found) => found.join('&'));
const parameter = fc.oneof(
  value,
  fc.record({ Key: fc.constant('AccountBalance'), Value: fc.oneof(value, balances) }),
  fc.record({
    Key: fc.constantFrom(
      ...['Amount', 'TransactionAmount', 'ReceiptNo', 'TransactionStatus', 'DebitPartyCharges'],
    ),
    Value: value,
  }),
);
const item = fc.record({
  Name: fc.constantFrom('Amount', 'MpesaReceiptNumber', 'PhoneNumber', 'Balance'),
  Value: value,
});
const confirmation = fc.record(
  {
    TransID: fc.oneof(fc.constant('RKL51ZDR4F'), value),
    TransAmount: value,
    BillRefNumber: value,
    MSISDN: value,
  },
  { requiredKeys: [] },
);
const code = fc.oneof(fc.constantFrom(0, '0', 1, 'R000001', '2001'), value);
const known = fc.constantFrom('Body', 'stkCallback', 'Result', 'ResultParameters', '__proto__');
const posted = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.tuple(known, fc.json()).map(([name, text]) => `{"${name}":${text}}`),
  fc
    .tuple(code, fc.array(item, { maxLength: 20 }))
    .map(([ResultCode, items]) => aPushCallback({ ResultCode }, items)),
  fc
    .tuple(code, code, fc.oneof(parameter, fc.array(parameter, { maxLength: 40 })))
    .map(([ResultType, ResultCode, list]) => aResult({ ResultType, ResultCode }, list)),
  confirmation.map((made) => JSON.stringify(made)),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  posted.map((text) => Buffer.from(text)),
);

for (const kind of kinds)
  reading(`S35: ${kind}: never throws, never a fraction, never NaN, never text without end`, () => {
    fc.assert(
      fc.property(bytes, (body) => isSound(readCallback(kind, body))),
      { numRuns: 1_000 },
    );
  });

reading.run();
