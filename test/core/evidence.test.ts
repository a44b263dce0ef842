import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Known, type Payment, placeOf, unexplained } from '../../gateway/core/evidence.ts';
import { paymentCode, readPaymentCode } from '../../gateway/core/household.ts';
import { blankTopup, type Topup } from '../../gateway/core/topup.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';

const placing = suite('placing a payment that M-Pesa lists');
const kiosk = 'kiosk' as never;
const listed = {
  ...{ receipt: 'R1', at: epochMs(5), amountCents: cents(3_000), reference: 'AAAAA0001' },
  phone: undefined,
};
const asked: Topup = {
  ...blankTopup,
  ...{ id: 'T1' as never, household: kiosk, phone: '254700000002' as never },
  ...{ amountCents: cents(3_000), accountReference: 'AAAAA0001', createdAt: epochMs(1) },
};
const nothing: Known = {
  ...{ payment: undefined, asked: undefined, askedHas: undefined },
  ...{ claiming: undefined, coded: undefined },
};
const has = (source: Payment['source'], receipt = 'R0'): Payment => ({
  ...{ ...listed, receipt, source, place: 'topup', topup: asked.id, household: kiosk },
});
const kindOf = (known: Partial<Known>, differs = {}) =>
  placeOf({ ...listed, ...differs }, { ...nothing, ...known }).kind;

placing('our own reference comes first, then a household’s code, then suspense', () => {
  assert.is(kindOf({ asked, coded: kiosk, claiming: { ...asked, id: 'T2' as never } }), 'topup');
  assert.is(kindOf({ coded: kiosk }), 'wallet');
  assert.is(kindOf({}), 'suspense');
});

placing('a receipt has one place; another amount under it is an alarm', () => {
  assert.is(kindOf({ payment: has('list', 'R1'), asked }), 'known');
  assert.is(kindOf({ payment: has('list', 'R1') }, { amountCents: cents(2_900) }), 'other-amount');
});

placing('a second payment with the same reference is its household’s, by hand', () => {
  assert.is(kindOf({ asked, askedHas: has('list') }), 'wallet');
});

placing('what a person typed gives way to what M-Pesa lists', () => {
  assert.is(kindOf({ asked, askedHas: has('person') }), 'corrects');
});

placing('a receipt that a person gave to another push belongs to the one that it pays', () => {
  const elsewhere = { ...has('person', 'R1'), topup: 'T2' as never };
  assert.is(kindOf({ payment: elsewhere, asked }), 'misplaced');
  assert.is(kindOf({ payment: has('person', 'R1'), asked }), 'known');
});

placing('another amount under our reference is nobody’s until a person looks', () => {
  assert.is(kindOf({ asked }, { amountCents: cents(2_900) }), 'suspense');
});

placing('a receipt that a callback claimed counts only where it takes nothing from others', () => {
  const claiming = { ...asked, receipt: 'R1' };
  const credited = { ...claiming, state: 'credited' } as const;
  const stray = { reference: 'LIGHTS' };
  assert.is(kindOf({ claiming }, stray), 'suspense', 'a forged claim on a stranger’s payment');
  assert.is(kindOf({ claiming }, { ...stray, phone: asked.phone }), 'topup');
  assert.is(kindOf({ claiming }, { ...stray, phone: '254711111111' }), 'suspense');
  assert.is(kindOf({ claiming }, { reference: '' }), 'topup');
  assert.is(kindOf({ claiming: credited }, stray), 'topup', 'no second credit for it');
  assert.is(kindOf({ claiming: credited }, { ...stray, amountCents: cents(100) }), 'suspense');
});

const reading = suite('reading a payment code as people type it');

reading('every code is read back, with small letters, blanks and look-alikes', () => {
  fc.assert(
    fc.property(fc.nat(1_048_575), (number) => {
      const code = paymentCode(number);
      const typed = ` ${code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')} `;
      assert.is(readPaymentCode(typed), code);
      assert.is(readPaymentCode(`${code}0001`), code, 'with an attempt behind it');
    }),
  );
});

reading('one wrong character is noticed, and so is nothing at all', () => {
  const code = paymentCode(7);
  for (const at of [0, 1, 2, 3, 4]) {
    const other = code[at] === 'Z' ? 'Y' : 'Z';
    assert.is(readPaymentCode(code.slice(0, at) + other + code.slice(at + 1)), undefined);
  }
  for (const text of ['', 'ABC', 'lights', '💡💡', '     '])
    assert.is(readPaymentCode(text), undefined);
});

const balancing = suite('explaining a balance');

balancing('is exact when nothing is on its way', () => {
  const quiet = { oursThen: 5_000, oursNow: 5_000, outCents: 0, inCents: 0 };
  assert.equal(
    [4_999, 5_000, 5_001].map((theirs) => unexplained(theirs, quiet)),
    [-1, 0, 1],
  );
});

balancing('what is on its way, and what moved meanwhile, explains as much as it is worth', () => {
  const busy = { oursThen: 5_000, oursNow: 5_300, outCents: 1_000, inCents: 200 };
  assert.equal(
    [3_999, 4_000, 5_500, 5_501].map((theirs) => unexplained(theirs, busy)),
    [...[-1, 0, 0, 1]],
  );
});

placing.run();
reading.run();
balancing.run();
