import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCallback } from '../../../gateway/adapters/daraja/read-callback.ts';
import type { CallbackKind, Claim } from '../../../gateway/ports/mobile-money.ts';
import { aResult } from './messages.ts';

const reading = suite('reading a result that comes later');
const read = (kind: CallbackKind, text: string) => readCallback(kind, Buffer.from(text));

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
    verdict: 'done',
    words: 'Paid out.',
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
  assert.is(claim.kind === 'disbursement' && claim.verdict, 'stop');
});

reading('S60: ResultType 1 is not the last word', () => {
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
  for (const kind of ['status', 'receipt', 'reversal', 'balance'] as const)
    assert.equal(read(`${kind}-timeout`, ''), { kind: 'timeout' });
});

reading('a result whose code nobody wrote down decides nothing', () => {
  for (const ResultCode of ['7777', 7777, true, {}, null, undefined]) {
    const claim = read('payout-result', aResult({ ResultCode }));
    assert.is(claim.kind === 'disbursement' && claim.verdict, 'unknown', String(ResultCode));
  }
});

reading('S60: a question whose answer is not the last word is not answered', () => {
  const parameters = [{ Key: 'TransactionStatus', Value: 'Declined' }];
  const status = read('status-result', aResult({ ResultType: '1' }, parameters));
  assert.is(status.kind === 'status' && status.answered, false);
  const balance = read('balance-result', aResult({ ResultType: 1 }));
  assert.is(balance.kind === 'balance' && balance.answered, false);
  const reversal = read('reversal-result', aResult({ ResultType: 1 }));
  assert.is(reversal.kind === 'reversal' && reversal.final, false);
});

reading('the status of a receipt is read like the status of a payout', () => {
  const parameters = [
    { Key: 'TransactionStatus', Value: 'Completed' },
    { Key: 'ReceiptNo', Value: 'UJ22T8IYOU' },
    { Key: 'Amount', Value: '37.00' },
  ];
  const claim = read('receipt-result', aResult({}, parameters));
  assert.equal(claim, read('status-result', aResult({}, parameters)));
  assert.equal(claim.kind === 'status' && [claim.status, claim.receipt, claim.amountCents], [
    'completed',
    'UJ22T8IYOU',
    3_700,
  ]);
});

reading('reads all parameters of a long status', () => {
  const others = Array.from({ length: 20 }, (_, at) => ({ Key: `Other${at}`, Value: at }));
  const parameters = [...others, { Key: 'TransactionStatus', Value: 'Completed' }];
  const claim = read('status-result', aResult({}, parameters));
  assert.is(claim.kind === 'status' && claim.status, 'completed');
});

const reversals: [unknown, boolean, string | undefined][] = [
  [0, true, '0'],
  ['0', true, '0'],
  ['R000001', true, 'R000001'],
  ['R000002', false, 'R000002'],
  [1, false, '1'],
  ['00', false, '00'],
  ['7777', false, '7777'],
  [true, false, undefined],
  [undefined, false, undefined],
];
for (const [ResultCode, reversed, code] of reversals) {
  reading(`a reversal with code ${ResultCode} has ${reversed ? '' : 'not '}gone back`, () => {
    const parameters = [
      { Key: 'Amount', Value: 37 },
      { Key: 'OriginalTransactionID', Value: 'UJ22T8IYOU' },
    ];
    assert.equal(read('reversal-result', aResult({ ResultCode }, parameters)), {
      kind: 'reversal',
      final: true,
      code,
      reversed,
      transactionId: 'SG632NMUAB',
      amountCents: 3_700,
    });
  });
}

const accounts = [
  'Working Account|KES|700000.00|700000.00|0.00|0.00',
  'Float Account|KES|0.00|0.00|0.00|0.00',
  'Utility Account|KES|228037.05|228037.00|0.00|0.00',
  'Charges Paid Account|KES|-1540.10|-1540.10|0.00|0.00',
  'Organization Settlement Account|KES|0.00|0.00|0.00|0.00',
];
const aBalance = (text: unknown, change: object = {}) =>
  read('balance-result', aResult(change, [{ Key: 'AccountBalance', Value: text }]));
const sumsIn = (claim: Claim) =>
  claim.kind === 'balance' && [claim.utilityCents, claim.chargesPaidCents, claim.workingCents];

reading('a balance is cents by account, also below zero, with codes as text', () => {
  assert.equal(aBalance(accounts.join('&'), { ResultType: '0', ResultCode: '0' }), {
    kind: 'balance',
    answered: true,
    code: '0',
    utilityCents: 22_803_705,
    chargesPaidCents: -154_010,
    workingCents: 70_000_000,
  });
});

reading('an account in another order, with blanks or cut short is still that account', () => {
  const shuffled = [...accounts].reverse().join(' & ');
  assert.equal(sumsIn(aBalance(shuffled)), [22_803_705, -154_010, 70_000_000]);
  assert.equal(sumsIn(aBalance('Utility Account|KES|7')), [700, undefined, undefined]);
  assert.equal(sumsIn(aBalance('Utility Account|KES|-0.00')), [0, undefined, undefined]);
});

reading('a sum that is no sum, another currency or an account named twice has no balance', () => {
  for (const text of [
    'Utility Account|USD|7.00|7.00',
    'Utility Account|KES|7.001|7.00',
    'Utility Account|KES|1e3|7.00',
    'Utility Account|KES||7.00',
    'Utility Account|KES|NaN',
    'Utility Account|KES|9999999999999.00',
    'Utility Account',
    'Utility Account|KES|7.00&Utility Account|KES|8.00',
    `${'x'.repeat(2_048)}&Utility Account|KES|7.00`,
    7,
    null,
  ])
    assert.equal(sumsIn(aBalance(text)), [undefined, undefined, undefined], `${text}`);
});

reading('a balance that M-Pesa refused to tell is not answered', () => {
  const claim = read('balance-result', aResult({ ResultCode: '2001' }));
  assert.equal(claim.kind === 'balance' && [claim.answered, claim.code], [false, '2001']);
});

const aConfirmation = (change: object = {}) =>
  JSON.stringify({
    TransactionType: 'Pay Bill',
    TransID: 'RKL51ZDR4F',
    TransTime: '20261123135519',
    TransAmount: '37.00',
    BusinessShortCode: '600966',
    BillRefNumber: 'K7F3Q',
    InvoiceNumber: '',
    OrgAccountBalance: '25.00',
    ThirdPartyTransID: '',
    MSISDN: '2547 ***** 126',
    FirstName: 'JANE',
    ...change,
  });
const confirmed = {
  kind: 'confirmation',
  receipt: 'RKL51ZDR4F',
  amountCents: 3_700,
  reference: 'K7F3Q',
  phone: undefined,
};

reading('a payment by hand comes with a masked number, a hashed one, or none', () => {
  for (const MSISDN of ['2547 ***** 126', 'a1'.repeat(32), '', undefined])
    assert.equal(read('confirmation', aConfirmation({ MSISDN })), confirmed);
  for (const MSISDN of ['254708374149', 254708374149])
    assert.equal(read('confirmation', aConfirmation({ MSISDN })), {
      ...confirmed,
      phone: '254708374149',
    });
});

reading('a payment by hand has an amount only when it is whole cents', () => {
  for (const [value, expected] of [
    ['37.00', 3_700],
    ['37', 3_700],
    [37.5, 3_750],
    ['37.5', 3_750],
    ['-37.00', undefined],
    ['37.001', undefined],
    ['1e3', undefined],
    ['', undefined],
    [null, undefined],
  ] as const) {
    const claim = read('confirmation', aConfirmation({ TransAmount: value }));
    assert.is(claim.kind === 'confirmation' && claim.amountCents, expected, `${value}`);
  }
});

reading('what the payer wrote loses what nobody can see, and all past 64 characters', () => {
  for (const [written, expected] of [
    ['  k7f3q ', 'k7f3q'],
    ['K7\u202eF3\u200bQ\u0000\n', 'K7F3Q'],
    ['\ud800K7F3Q', 'K7F3Q'],
    [12345, '12345'],
    ['x'.repeat(100), 'x'.repeat(64)],
    [null, ''],
    [{}, ''],
  ] as const) {
    const claim = read('confirmation', aConfirmation({ BillRefNumber: written }));
    assert.is(claim.kind === 'confirmation' && claim.reference, expected, String(written));
  }
});

reading('a payment by hand without an id of M-Pesa is none', () => {
  for (const TransID of [undefined, '', 'a b', 7, 'x'.repeat(65)])
    assert.is(read('confirmation', aConfirmation({ TransID })).kind, 'unreadable');
});

reading('a validation tells of no money, whatever it says', () => {
  assert.is(read('validation', aConfirmation()).kind, 'unreadable');
});

reading.run();
