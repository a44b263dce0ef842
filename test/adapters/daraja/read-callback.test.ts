import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCallback } from '../../../gateway/adapters/daraja/read-callback.ts';
import type { CallbackKind } from '../../../gateway/ports/mobile-money.ts';

const reading = suite('reading a callback');

const kinds: CallbackKind[] = [
  'push',
  'payout-result',
  'payout-timeout',
  'status-result',
  'status-timeout',
];
const read = (kind: CallbackKind, text: string) => readCallback(kind, Buffer.from(text));

type Item = { Name: string; Value?: unknown };
const amount: Item = { Name: 'Amount', Value: 37 };
const receipt: Item = { Name: 'MpesaReceiptNumber', Value: 'UJ22T8IYOU' };
const balance: Item = { Name: 'Balance' };
const date: Item = { Name: 'TransactionDate', Value: 20261123135519 };
const phone: Item = { Name: 'PhoneNumber', Value: 254708374149 };

const aCallback = (change: object = {}, items?: unknown) =>
  JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: '29115-34620561-1',
        CheckoutRequestID: 'ws_CO_1',
        ResultCode: 0,
        ResultDesc: 'ok',
        ...(items !== undefined && { CallbackMetadata: { Item: items } }),
        ...change,
      },
    },
  });
const paid = {
  kind: 'push',
  checkoutRequestId: 'ws_CO_1',
  merchantRequestId: '29115-34620561-1',
  code: '0',
  amountCents: 3_700,
  receipt: 'UJ22T8IYOU',
  phone: '254708374149',
};
const items = (changed: Item) => aCallback({}, [changed, receipt, phone]);

reading(
  'finds the items by name: in any order, repeated, among others, with or without Balance',
  () => {
    for (const list of [
      [amount, receipt, balance, date, phone],
      [phone, date, receipt, amount],
      [amount, amount, receipt, phone, { Name: 'Balance', Value: '' }],
      [{ Name: 'Tip', Value: 99 }, null, 7, amount, { Value: 1 }, receipt, phone],
      [{ Name: ' Amount ', Value: 37 }, receipt, phone],
    ])
      assert.equal(read('push', aCallback({}, list)), paid);
  },
);

reading('reads 37.00 as M-Pesa writes it', () => {
  const text = aCallback({}, [amount, receipt, phone]).replace('"Value":37', '"Value":37.00');
  assert.ok(text.includes('37.00'));
  assert.equal(read('push', text), paid);
});

reading('a failed push has no items', () => {
  assert.equal(read('push', aCallback({ ResultCode: 1032 })), {
    ...paid,
    code: '1032',
    amountCents: undefined,
    receipt: undefined,
    phone: undefined,
  });
});

reading('believes an amount only when it is a JSON number of whole cents', () => {
  for (const [value, expected] of [
    [37, 3_700],
    [37.1, 3_710],
    [0.07, 7],
    [249_999.99, 24_999_999],
    [37.001, undefined],
    ['37', undefined],
    [[37], undefined],
    [null, undefined],
    [true, undefined],
    [-37, undefined],
    [1e300, undefined],
  ] as const) {
    const claim = read('push', items({ Name: 'Amount', Value: value }));
    assert.is(claim.kind === 'push' && claim.amountCents, expected, JSON.stringify(value));
  }
});

reading('two different amounts are none', () => {
  const claim = read('push', aCallback({}, [amount, { Name: 'Amount', Value: 36 }]));
  assert.is(claim.kind === 'push' && claim.amountCents, undefined);
});

reading('shows a phone only when the whole number is there', () => {
  for (const [value, expected] of [
    [254708374149, '254708374149'],
    ['254708374149', '254708374149'],
    ['2547 ***** 149', undefined],
    ['a'.repeat(64), undefined],
    [undefined, undefined],
    [708374149, undefined],
  ] as const) {
    const claim = read('push', aCallback({}, [amount, { Name: 'PhoneNumber', Value: value }]));
    assert.is(claim.kind === 'push' && claim.phone, expected, `${value}`);
  }
});

reading('takes only numbers and text for a result code, and "00" is not "0"', () => {
  for (const [value, expected] of [
    [0, '0'],
    ['0', '0'],
    [' 0 ', '0'],
    ['00', '00'],
    ['R000002', 'R000002'],
    [true, undefined],
    [{}, undefined],
    [[0], undefined],
    [null, undefined],
    ['', undefined],
    ['9'.repeat(65), undefined],
  ] as const) {
    const claim = read('push', aCallback({ ResultCode: value }));
    assert.is(claim.kind === 'push' && claim.code, expected, JSON.stringify(value));
  }
});

reading('looks at sixteen items and no more', () => {
  const others = (count: number): Item[] =>
    Array.from({ length: count }, (_, at) => ({ Name: `x${at}`, Value: at }));
  const within = read('push', aCallback({}, [...others(15), amount]));
  const beyond = read('push', aCallback({}, [...others(16), amount]));
  assert.is(within.kind === 'push' && within.amountCents, 3_700);
  assert.is(beyond.kind === 'push' && beyond.amountCents, undefined);
});

reading('ids that are no ids make the callback unreadable', () => {
  for (const id of [undefined, '', 'a b', 'x'.repeat(65), 7, '\ud800', 'a\u0000b'])
    assert.is(read('push', aCallback({ CheckoutRequestID: id })).kind, 'unreadable');
});

reading('survives nesting, __proto__, lone surrogates, NUL and a body of 16 KiB', () => {
  const nested = `{"Body":${'['.repeat(8_000)}${']'.repeat(8_000)}}`;
  assert.is(read('push', nested).kind, 'unreadable');
  assert.is(read('push', '{"__proto__":{"Body":{"stkCallback":{}}}}').kind, 'unreadable');
  const proto = aCallback({}, [amount, receipt, phone]).replace(
    '{"Body"',
    '{"__proto__":{"x":1},"Body"',
  );
  assert.equal(read('push', proto), paid);
  assert.is(Object.getPrototypeOf({}), Object.prototype);
  assert.is(({} as { x?: number }).x, undefined);
  const nul = read('push', items({ Name: 'MpesaReceiptNumber', Value: 'U\u0000\ud800' }));
  assert.is(nul.kind, 'push');
  const exact = aCallback({}, [amount, receipt, phone]).padEnd(16_384);
  assert.equal(read('push', exact), paid);
  assert.equal(read('push', `${exact} `), { kind: 'unreadable', why: 'larger than 16 KiB' });
});

reading('the last of two equal keys counts, as in every JSON reader', () => {
  const text = aCallback().replace('"ResultCode":0', '"ResultCode":1032,"ResultCode":0');
  assert.is((read('push', text) as { code?: string }).code, '0');
});

const aResult = (change: object, parameters: unknown = undefined) =>
  JSON.stringify({
    Result: {
      ResultType: 0,
      ResultCode: 0,
      OriginatorConversationID: 'J7F3K2Q9A01ZK4M8TR',
      ConversationID: 'AG_20261123_20106e9209f64bebd05b',
      TransactionID: 'SG632NMUAB',
      ...(parameters !== undefined && { ResultParameters: { ResultParameter: parameters } }),
      ReferenceData: { ReferenceItem: { Key: 'a', Value: 'b' } },
      ...change,
    },
  });

reading('a payout that went through', () => {
  const parameters = [
    { Key: 'TransactionAmount', Value: 37 },
    { Key: 'TransactionReceipt', Value: 'SG632NMUAB' },
    { Key: 'ReceiverPartyPublicName', Value: '254705912645 - JANE DOE' },
  ];
  assert.equal(read('payout-result', aResult({}, parameters)), {
    kind: 'disbursement',
    final: true,
    code: '0',
    conversationId: 'J7F3K2Q9A01ZK4M8TR',
    mpesaConversationId: 'AG_20261123_20106e9209f64bebd05b',
    transactionId: 'SG632NMUAB',
    amountCents: 3_700,
    chargeCents: undefined,
  });
});

reading('a payout that failed has a code and no parameters', () => {
  const claim = read('payout-result', aResult({ ResultCode: '2001' }));
  assert.equal(claim.kind === 'disbursement' && [claim.final, claim.code], [true, '2001']);
});

reading('ResultType 1 is not the last word', () => {
  for (const ResultType of [1, '1']) {
    const claim = read('payout-result', aResult({ ResultType }));
    assert.is(claim.kind === 'disbursement' && claim.final, false);
  }
});

reading('a status tells what became of the payout, not the outer code', () => {
  const parameters = [
    { Key: 'DebitPartyName', Value: '600992 - HUB' },
    { Key: 'DebitPartyName', Value: '600992 - THE HUB' },
    { Key: 'Transaction Status', Value: 'Declined' },
    { Key: 'Amount', Value: 37 },
    { Key: 'ReceiptNo ', Value: 'SG632NMUAB' },
    { Key: 'DebitPartyCharges', Value: 'Fee For B2C Payment|KES|22.40' },
  ];
  assert.equal(read('status-result', aResult({ ResultCode: '0' }, parameters)), {
    kind: 'status',
    answered: true,
    code: '0',
    status: 'declined',
    receipt: 'SG632NMUAB',
    amountCents: 3_700,
    chargeCents: 2_240,
  });
  const lone = read('status-result', aResult({}, { Key: 'TransactionStatus', Value: 'Completed' }));
  assert.is(lone.kind === 'status' && lone.status, 'completed');
  const failed = read('status-result', aResult({ ResultCode: 'R000002' }));
  assert.equal(failed.kind === 'status' && [failed.answered, failed.status], [false, undefined]);
});

reading('a charge is read only in the shape that is known', () => {
  for (const [value, expected] of [
    ['Fee For B2C Payment|KES|22.40', 2_240],
    ['Fee|KES|22.4', 2_240],
    ['Fee|KES|0', 0],
    ['Fee|USD|22.40', undefined],
    ['Fee|KES|-1.00', undefined],
    ['', undefined],
    [22.4, undefined],
  ] as const) {
    const claim = read('status-result', aResult({}, [{ Key: 'DebitPartyCharges', Value: value }]));
    assert.is(claim.kind === 'status' && claim.chargeCents, expected, `${value}`);
  }
});

reading('a timeout is told by its path, whatever the body', () => {
  assert.equal(read('payout-timeout', 'anything'), { kind: 'timeout' });
  assert.equal(read('status-timeout', ''), { kind: 'timeout' });
});

reading('never throws, whatever the bytes and whatever the JSON', () => {
  const known = fc.constantFrom(
    'Body',
    'stkCallback',
    'Result',
    'ResultParameters',
    'Item',
    'Name',
  );
  const json = fc.oneof(
    fc.json({ maxDepth: 6 }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  );
  const wrapped = fc.tuple(known, json).map(([name, text]) => `{"${name}":${text}}`);
  const callback = fc.jsonValue().map((value) => aCallback({ ResultCode: value }, value));
  const result = fc.jsonValue().map((value) => aResult({ ResultType: value }, value));
  const text = fc.oneof(json, wrapped, callback, result).map((made) => Buffer.from(made));
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), text);
  fc.assert(
    fc.property(fc.constantFrom(...kinds), bytes, (kind, body) => {
      const claim = readCallback(kind, body);
      assert.type(claim.kind, 'string');
    }),
    { numRuns: 3_000 },
  );
});

reading.run();
