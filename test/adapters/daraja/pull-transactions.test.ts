import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../../gateway/adapters/daraja/http.ts';
import { listPayments } from '../../../gateway/adapters/daraja/pull-transactions.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { anError, type FakeAnswer, listPath, listRegisterPath } from './fake-mpesa.ts';
import { aHub } from './neighbours.ts';

const listing = suite("reading M-Pesa's own list of payments");

const question = {
  from: epochMs(Date.UTC(2026, 10, 22, 21, 0, 0)),
  to: epochMs(Date.UTC(2026, 10, 23, 20, 59, 59, 999)),
  offset: 0,
};
const aRow = (change: object = {}): JsonObject => ({
  transactionId: 'UJ22T8IYOU',
  trxDate: '2026-11-23 13:55:19',
  msisdn: '254708374149',
  transactiontype: 'c2b-pay-bill-debit',
  billreference: 'K7F3Q0012A',
  amount: '37.00',
  ...change,
});
const aList = (rows: unknown, change: object = {}): FakeAnswer => ({
  body: { ResponseRefID: '1-2', ResponseCode: '1000', Response: rows, ...change },
});
const aPayment = {
  receipt: 'UJ22T8IYOU',
  at: Date.UTC(2026, 10, 23, 10, 55, 19),
  amountCents: 3_700,
  reference: 'K7F3Q0012A',
  phone: '254708374149',
};
const empty = { kind: 'listed', payments: [], next: undefined };

/** What the hub reads in such an answer. */
async function listedIn(answer: FakeAnswer, offset = 0) {
  await using hub = await aHub();
  hub.mpesa.answer(listPath, answer);
  return await hub.money.listPayments({ ...question, offset });
}

listing('S18: asks with a GET that carries JSON, in East Africa Time', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(listPath, aList([[aRow()]]));
  assert.equal(await hub.money.listPayments(question), {
    kind: 'listed',
    payments: [aPayment],
    next: 1,
  });
  const [seen] = hub.mpesa.seenOn(listPath);
  assert.is(seen?.method, 'GET');
  assert.match(seen?.contentType ?? '', /^application\/json/);
  assert.equal(seen?.body, {
    ShortCode: '174379',
    StartDate: '2026-11-23 00:00:00',
    EndDate: '2026-11-23 23:59:59',
    OffSetValue: '0',
  });
});

const row = aRow();
const nests: [string, FakeAnswer][] = [
  ['rows', aList([row, row])],
  ['rows in a row', aList([[row, row]])],
  ['rows in several rows', aList([[row], [], [row]])],
  ['rows written as text', aList(JSON.stringify([[row, row]]))],
  ['code 0', aList([row, row], { ResponseCode: 0 })],
  ['another name', aList(undefined, { Transaction: [[row, row]] })],
  ['half under one name and half under another', aList([row], { Transaction: [[row]] })],
];
for (const [what, answer] of nests)
  listing(`finds both payments among ${what}`, async () => {
    const list = await listedIn(answer, 40);
    assert.equal(list, { kind: 'listed', payments: [aPayment, aPayment], next: 42 });
  });

const lastPages: [string, FakeAnswer][] = [
  ['1001 with "[[]]"', { body: { ResponseCode: '1001', Transaction: '[[]]' } }],
  ['1001 as a number', { body: { ResponseCode: 1001, Response: [[]] } }],
  ['1001 without a list', { body: { ResponseCode: '1001' } }],
  ['1001 with null', { body: { ResponseCode: '1001', Response: null } }],
  ['1000 with an empty list', aList([[]])],
];
for (const [what, answer] of lastPages)
  listing(`${what} is the end of the list`, async () => {
    assert.equal(await listedIn(answer), empty);
  });

const spoilt: [string, JsonObject | unknown][] = [
  ['no receipt', aRow({ transactionId: '' })],
  ['a date that does not exist', aRow({ trxDate: '2026-02-30 13:55:19' })],
  ['no date', aRow({ trxDate: undefined })],
  ['no amount', aRow({ amount: undefined })],
  ['an amount of nothing', aRow({ amount: '0.00' })],
  ['a tenth of a cent', aRow({ amount: '37.001' })],
  ['a list for a reference', aRow({ billreference: [] })],
  ['a number instead of a row', 7],
  ['nothing instead of a row', null],
];
for (const [what, bad] of spoilt)
  listing(`a row with ${what} spoils the page, so that no payment is skipped`, async () => {
    assert.equal(await listedIn(aList([[aRow(), bad]])), {
      kind: 'no-answer',
      why: 'a row of the list cannot be read',
    });
  });

listing('what M-Pesa lists below zero went back: it is no payment, and hides none', async () => {
  for (const amount of ['-37.00', -37, -37.5]) {
    const back = aRow({ transactionId: 'WENTBACK01', amount });
    const list = await listedIn(aList([[back, aRow()]]));
    assert.equal(list.kind === 'listed' && list.payments, [aPayment]);
    assert.is(list.kind === 'listed' && list.next, 2, 'counted all the same');
    const only = await listedIn(aList([[back]]));
    assert.equal(only, { kind: 'listed', payments: [], next: 1 });
  }
});

const silences: [string, FakeAnswer][] = [
  ['1001 with a row', { body: { ResponseCode: '1001', Response: [[aRow()]] } }],
  ['1000 without a list', { body: { ResponseCode: '1000' } }],
  ['half a text', aList('[[{')],
  ['a text in a text', aList('"[[]]"')],
  ['rows that lie too deep', aList([[[[[[[aRow()]]]]]]])],
  ['another code', aList([[aRow()]], { ResponseCode: '1' })],
  ['no code', aList([[aRow()]], { ResponseCode: undefined })],
  ['HTML', { status: 502, body: '<html>' }],
  ['500.003.1001', anError('500.003.1001')],
  ['a spike arrest', anError('500.003.02')],
  ['a broken connection', { hangUp: true }],
];
for (const [what, answer] of silences)
  listing(`${what} is no answer`, async () => {
    const list = await listedIn(answer);
    assert.is(list.kind, 'no-answer');
    assert.not.match(list.kind === 'no-answer' ? list.why : '', 'closing');
  });

listing('a product that is not enabled calls a person', async () => {
  assert.is((await listedIn(anError('404.001.01', '', 404))).kind, 'misconfigured');
});

listing(
  'reads each way of writing the moment, the amount, the number and the reference',
  async () => {
    const reads: [object, object][] = [
      [{ trxDate: '20261123135519' }, {}],
      [{ trxDate: 20261123135519 }, {}],
      [{ trxDate: '2026-11-23T13:55:19' }, {}],
      [{ trxDate: '2026-11-23T10:55:19Z' }, {}],
      [{ amount: 37 }, {}],
      [{ amount: '37.5' }, { amountCents: 3_750 }],
      [{ msisdn: 708374149 }, {}],
      [{ msisdn: '2547 ***** 149' }, { phone: undefined }],
      [{ msisdn: 'a'.repeat(64) }, { phone: undefined }],
      [{ msisdn: undefined }, { phone: undefined }],
      [{ billreference: null }, { reference: '' }],
      [{ billreference: 37207636392 }, { reference: '37207636392' }],
      [{ billreference: ' K7\u202eF3Q ' }, { reference: 'K7F3Q' }],
      [{ TransactionID: 'UJ22T8IYOU', transactionId: undefined }, {}],
    ];
    for (const [change, expected] of reads) {
      const { transactionId, ...rest } = aRow(change);
      const given = transactionId === undefined ? rest : { transactionId, ...rest };
      const list = await listedIn(aList([[given]]));
      assert.equal(list.kind === 'listed' && list.payments, [{ ...aPayment, ...expected }]);
    }
  },
);

listing('a page of a thousand payments fits', async () => {
  const rows = Array.from({ length: 1_000 }, (_, at) =>
    aRow({ transactionId: `UJ${at}`, organizationname: 'A neighbourhood '.repeat(10) }),
  );
  const list = await listedIn(aList([rows]));
  assert.equal(list.kind === 'listed' && [list.payments.length, list.next], [1_000, 1_000]);
});

listing('registers the shortcode once, and a second time does no harm', async () => {
  await using hub = await aHub({ nominatedPhone: '254700000000' });
  for (const code of ['1000', '1001', 0]) {
    hub.mpesa.answer(listRegisterPath, { body: { ResponseRefID: '1-2', ResponseStatus: code } });
    assert.equal(await hub.money.registerForLists(), { kind: 'registered' });
  }
  const { CallBackURL, ...rest } = hub.mpesa.seenOn(listRegisterPath)[0]?.body ?? {};
  assert.equal(rest, {
    ShortCode: '174379',
    RequestType: 'Pull',
    NominatedNumber: '254700000000',
  });
  assert.match(
    String(CallBackURL),
    /^https:\/\/hub\.example\.org\/api\/payment\/callback\/[0-9a-f]{32}$/,
  );
  for (const answer of [{ body: {} }, { body: { ResponseStatus: '7' } }, { hangUp: true }]) {
    hub.mpesa.answer(listRegisterPath, answer);
    assert.is((await hub.money.registerForLists()).kind, 'not-registered');
  }
});

listing('registers nothing without a number to name', async () => {
  await using hub = await aHub();
  assert.equal(await hub.money.registerForLists(), {
    kind: 'not-registered',
    why: 'no nominated phone number is set',
  });
  assert.is(hub.mpesa.seen.length, 0);
});

listing('never throws and never skips a row, whatever M-Pesa sends', async () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('37.00', 37.1, '2026-11-23 13:55:19', 'UJ22T8IYOU', NaN),
  );
  const anyRow = fc.oneof(
    fc.record({ trxDate: value, msisdn: value, amount: value, billreference: value }).map(aRow),
    fc.record({ amount: fc.double(), msisdn: value }).map(aRow),
    fc.constant(aRow()),
    value,
  );
  const rows = fc.array(anyRow, { maxLength: 4 });
  const code = fc.constantFrom('1000', '0', 0, '1001');
  await fc.assert(
    fc.asyncProperty(rows, code, value, async (given, ResponseCode, other) => {
      const body: JsonObject = { ResponseCode, Response: [given], Transaction: other };
      const call = async () => ({ kind: 'said', body }) as const;
      const needs = {
        ...{ call, shortcode: '174379', nominatedPhone: undefined },
        addressFor: () => ({ kind: 'not-sent', why: '' }) as const,
      };
      const list = await listPayments(needs, question);
      if (list.kind !== 'listed') return;
      const isBack = (row: unknown) => Number((row as { amount?: unknown })?.amount) < 0;
      const rowsThere = given.filter((row) => !Array.isArray(row) && !isBack(row));
      assert.ok(list.payments.length >= rowsThere.length);
      for (const { at, amountCents, phone, reference } of list.payments) {
        assert.ok(Number.isSafeInteger(at) && Number.isSafeInteger(amountCents));
        assert.ok(amountCents > 0 && reference.length <= 128);
        assert.ok(phone === undefined || /^254[71]\d{8}$/.test(phone));
      }
    }),
    { numRuns: 1_000 },
  );
});

listing.run();
