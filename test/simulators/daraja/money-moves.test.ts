/** The simulator's own books against every deed that moves money, in any order. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { openBank } from '../../../gateway/simulators/daraja/bank.ts';
import { openLedger, type Totals } from '../../../gateway/simulators/daraja/ledger.ts';
import { settle } from '../../../gateway/simulators/daraja/options.ts';
import { virtualClock } from '../../../gateway/simulators/daraja/virtual-clock.ts';
import { shortcode, startMs } from './neighbours.ts';

const moving = suite('money in the simulated country');
const runs = 200;
const deedsMost = 60;
/** Nobody listens there, so that a callback is lost at once. */
const nowhere = 'http://127.0.0.1:1/5f0c2a9e4b7d1836aa90c3f2e1d45b60';

/** Phones of every behaviour, some of them rung by hand only. */
const phones = fc
  .integer({ min: 0, max: 99 })
  .map((n) => `2547059120${String(n).padStart(2, '0')}`);
const amounts = fc.integer({ min: 1, max: 3_000 }).map((shillings) => cents(shillings * 100));
/** Phones of people who have little, and phones that are almost full. */
const balances = fc.constantFrom(200_000, 49_950_000);
const any = fc.nat({ max: 1_000 });
const deeds = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), phone: phones, amountCents: amounts }),
  fc.record({ kind: fc.constant('pay-out' as const), phone: phones, amountCents: amounts }),
  fc.record({ kind: fc.constant('by-hand' as const), phone: phones, amountCents: amounts }),
  fc.record({ kind: fc.constant('reverse' as const), which: any }),
  fc.record({ kind: fc.constant('answer' as const), which: any, pays: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 120_000 }) }),
);
type Deed = typeof deeds extends fc.Arbitrary<infer One> ? One : never;

function aBank(phoneCents: number, onMove: (totals: Totals) => void) {
  const clock = virtualClock(startMs);
  const bank = openBank(
    settle({
      ...{ port: 0, clock, seed: 1, shortcode, passkey: '', consumerKey: '', consumerSecret: '' },
      ...{ initiatorName: '', initiatorPassword: '', validatesPaybill: false, onMove },
      ...{ phoneBalanceCents: cents(phoneCents), utilityBalanceCents: cents(100_000) },
      payoutChargeCents: cents(2_240),
    }),
  );
  return { ...bank, clock };
}
type Bank = ReturnType<typeof aBank>;

const oneOf = <T>(list: readonly T[], which: number): T | undefined => list[which % list.length];

let payoutsAsked = 0;
function carryOut(bank: Bank, deed: Deed): void {
  switch (deed.kind) {
    case 'push': {
      const { phone, amountCents } = deed;
      const names = { accountReference: 'K7F3Q', callBackUrl: nowhere };
      bank.prompts.place({ phone, amountCents, ...names, codeWithoutRinging: undefined });
      return;
    }
    case 'pay-out': {
      payoutsAsked += 1;
      const urls = { resultUrl: nowhere, timeoutUrl: nowhere, checkInitiator: () => 0 };
      const originatorConversationId = `J${payoutsAsked}`;
      const { phone, amountCents } = deed;
      bank.payouts.accept({ originatorConversationId, phone, amountCents, ...urls });
      return;
    }
    case 'by-hand':
      void bank.paybill.send({ ...deed, reference: 'K7F3Q' });
      return;
    case 'reverse': {
      const payment = oneOf(bank.till.list(), deed.which);
      if (payment === undefined) return;
      const end = bank.reversals.begin({ ...payment, initiatorCode: 0 });
      const names = { originatorConversationId: 'x', conversationId: 'y' };
      const body = () => void end({ ...names, transactionId: bank.names.receipt() });
      bank.timetable.after(3_000, body);
      return;
    }
    case 'answer': {
      const prompt = oneOf(bank.prompts.list(), deed.which);
      if (prompt) bank.prompts.answer(prompt.checkoutRequestId, deed.pays ? 'pay' : 'cancel');
      return;
    }
    case 'wait':
      bank.clock.advance(deed.ms);
  }
}

moving('is never made nor lost, whatever people do: after every single movement', () => {
  let movements = 0;
  fc.assert(
    fc.property(balances, fc.array(deeds, { maxLength: deedsMost }), (phoneCents, day) => {
      let total: number | undefined;
      const bank = aBank(phoneCents, (totals) => {
        movements += 1;
        assert.is(totals.totalCents, total);
        const { utilityCents, inFlightCents, phonesCents } = totals;
        assert.ok(utilityCents >= 0 && inFlightCents >= 0 && phonesCents >= 0);
      });
      total = bank.ledger.totals().totalCents;
      for (const deed of day) carryOut(bank, deed);
      bank.clock.advance(600_000);
      agreesWithTheTill(bank);
      bank.close();
    }),
    { numRuns: runs },
  );
  assert.ok(movements > runs, `${movements} movements`);
});

/** When nothing is on its way any more, the hub holds what came in less what went out. */
function agreesWithTheTill({ ledger, till, payouts }: Bank): void {
  const totals = ledger.totals();
  assert.is(totals.inFlightCents, 0);
  const sum = (moved: readonly { readonly amountCents: number }[]) =>
    moved.reduce((whole, { amountCents }) => whole + amountCents, 0);
  const kept = till.list().filter(({ state }) => state === 'kept');
  assert.ok(till.list().every(({ state }) => state !== 'reversing'));
  const paidOut = payouts.list().filter(({ state }) => state === 'paid');
  assert.is(totals.utilityCents, 100_000 + sum(kept) - sum(paidOut));
  assert.is(totals.chargesPaidCents, -2_240 * paidOut.length);
}

moving('arrives once', () => {
  const ledger = openLedger({
    ...{ phoneBalanceCents: cents(100), utilityBalanceCents: cents(0) },
    payoutChargeCents: cents(0),
  });
  const transfer = ledger.begin('254705912600', cents(100));
  assert.is(ledger.begin('254705912600', cents(1)), undefined);
  transfer?.arrive('hub');
  assert.throws(() => transfer?.arrive('hub'), /arrived already/);
  assert.throws(() => transfer?.giveBack(), /arrived already/);
});

moving('does not fit into a phone that is full, and can go back', () => {
  const ledger = openLedger({
    ...{ phoneBalanceCents: cents(50_000_000), utilityBalanceCents: cents(100) },
    payoutChargeCents: cents(0),
  });
  const transfer = ledger.begin('hub', cents(100));
  assert.is(transfer?.arrive('254705912600'), 'full');
  assert.equal(ledger.hubBalance(), {
    ...{ currentCents: 100, availableCents: 0, reservedCents: 100 },
  });
  transfer?.giveBack();
  assert.is(ledger.hubBalance().availableCents, 100);
});

moving.run();
