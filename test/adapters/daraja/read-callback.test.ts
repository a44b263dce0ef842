import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCallback } from '../../../gateway/adapters/daraja/read-callback.ts';
import type { CallbackKind } from '../../../gateway/ports/mobile-money.ts';
import { aPushCallback } from './messages.ts';

const reading = suite('reading a callback');

const read = (kind: CallbackKind, text: string) => readCallback(kind, Buffer.from(text));

type Item = { Name: string; Value?: unknown };
const amount: Item = { Name: 'Amount', Value: 37 };
const receipt: Item = { Name: 'MpesaReceiptNumber', Value: 'UJ22T8IYOU' };
const balance: Item = { Name: 'Balance' };
const date: Item = { Name: 'TransactionDate', Value: 20261123135519 };
const phone: Item = { Name: 'PhoneNumber', Value: 254708374149 };

const paid = {
  kind: 'push',
  checkoutRequestId: 'ws_CO_1',
  merchantRequestId: '29115-34620561-1',
  code: '0',
  amountCents: 3_700,
  receipt: 'UJ22T8IYOU',
  phone: '254708374149',
};
const items = (changed: Item) => aPushCallback({}, [changed, receipt, phone]);

reading(
  'S30: finds the items by name: in any order, repeated, among others, with or without Balance',
  () => {
    for (const list of [
      [amount, receipt, balance, date, phone],
      [phone, date, receipt, amount],
      [amount, amount, receipt, phone, { Name: 'Balance', Value: '' }],
      [{ Name: 'Tip', Value: 99 }, null, 7, amount, { Value: 1 }, receipt, phone],
      [{ Name: ' Amount ', Value: 37 }, receipt, phone],
    ])
      assert.equal(read('push', aPushCallback({}, list)), paid);
  },
);

reading('reads 37.00 as M-Pesa writes it', () => {
  const text = aPushCallback({}, [amount, receipt, phone]).replace('"Value":37', '"Value":37.00');
  assert.ok(text.includes('37.00'));
  assert.equal(read('push', text), paid);
});

reading('a failed push has no items', () => {
  assert.equal(read('push', aPushCallback({ ResultCode: 1032 })), {
    ...paid,
    code: '1032',
    amountCents: undefined,
    receipt: undefined,
    phone: undefined,
  });
});

reading('S29: believes an amount only when it is a JSON number of whole cents', () => {
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
  const claim = read('push', aPushCallback({}, [amount, { Name: 'Amount', Value: 36 }]));
  assert.is(claim.kind === 'push' && claim.amountCents, undefined);
});

reading('S31: shows a phone only when the whole number is there', () => {
  for (const [value, expected] of [
    [254708374149, '254708374149'],
    ['254708374149', '254708374149'],
    ['2547 ***** 149', undefined],
    ['a'.repeat(64), undefined],
    [undefined, undefined],
    [708374149, undefined],
  ] as const) {
    const claim = read('push', aPushCallback({}, [amount, { Name: 'PhoneNumber', Value: value }]));
    assert.is(claim.kind === 'push' && claim.phone, expected, `${value}`);
  }
});

reading('S32: takes only numbers and text for a result code, and "00" is not "0"', () => {
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
    const claim = read('push', aPushCallback({ ResultCode: value }));
    assert.is(claim.kind === 'push' && claim.code, expected, JSON.stringify(value));
  }
});

reading('looks at sixteen items and no more', () => {
  const others = (count: number): Item[] =>
    Array.from({ length: count }, (_, at) => ({ Name: `x${at}`, Value: at }));
  const within = read('push', aPushCallback({}, [...others(15), amount]));
  const beyond = read('push', aPushCallback({}, [...others(16), amount]));
  assert.is(within.kind === 'push' && within.amountCents, 3_700);
  assert.is(beyond.kind === 'push' && beyond.amountCents, undefined);
});

reading('ids that are no ids make the callback unreadable', () => {
  for (const id of [undefined, '', 'a b', 'x'.repeat(65), 7, '\ud800', 'a\u0000b'])
    assert.is(read('push', aPushCallback({ CheckoutRequestID: id })).kind, 'unreadable');
});

reading('S35: survives nesting, __proto__, lone surrogates, NUL and a body of 16 KiB', () => {
  const nested = `{"Body":${'['.repeat(8_000)}${']'.repeat(8_000)}}`;
  assert.is(read('push', nested).kind, 'unreadable');
  assert.is(read('push', '{"__proto__":{"Body":{"stkCallback":{}}}}').kind, 'unreadable');
  const proto = aPushCallback({}, [amount, receipt, phone]).replace(
    '{"Body"',
    '{"__proto__":{"x":1},"Body"',
  );
  assert.equal(read('push', proto), paid);
  assert.is(Object.getPrototypeOf({}), Object.prototype);
  assert.is(({} as { x?: number }).x, undefined);
  const nul = read('push', items({ Name: 'MpesaReceiptNumber', Value: 'U\u0000\ud800' }));
  assert.is(nul.kind, 'push');
  const exact = aPushCallback({}, [amount, receipt, phone]).padEnd(16_384);
  assert.equal(read('push', exact), paid);
  assert.equal(read('push', `${exact} `), { kind: 'unreadable', why: 'larger than 16 KiB' });
});

reading('S34: the last of two equal keys counts, as in every JSON reader', () => {
  const text = aPushCallback().replace('"ResultCode":0', '"ResultCode":1032,"ResultCode":0');
  assert.is((read('push', text) as { code?: string }).code, '0');
});

reading('S35: two thousand bodies that were made to hurt leave no memory behind', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const nested = Buffer.from(`{"Body":${'['.repeat(8_000)}${']'.repeat(8_000)}}`);
  const crowded = Buffer.from(
    aPushCallback(
      {},
      Array.from({ length: 400 }, () => amount),
    ),
  );
  const readAll = (times: number) => {
    for (let at = 0; at < times; at += 1) readCallback('push', at % 2 === 0 ? nested : crowded);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = readAll(200);
  const grownBytes = readAll(2_000) - before;
  assert.ok(grownBytes < 1_000_000, `${grownBytes} bytes`);
});

reading.run();
