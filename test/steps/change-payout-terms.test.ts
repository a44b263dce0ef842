import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import { changePayoutTerms } from '../../gateway/steps/change-payout-terms.ts';
import { paySellers } from '../../gateway/steps/pay-sellers.ts';
import { given } from '../support/given.ts';
import { nine } from '../support/neighbourhood.ts';
import { earned } from '../support/payouts.ts';

const changing = suite('the keeper changes how sellers are paid');
const none = { fromMinute: undefined, leastCents: undefined, tariff: undefined, reason: 'new' };
const band = (upTo: number, fee: number) => ({ upToCents: cents(upTo), feeCents: cents(fee) });

changing('the day’s payouts begin at another time and from another amount', () => {
  using hub = earned(2);
  hub.books.settings.change('payoutDaily', 1, epochMs(nine));
  const terms = { ...none, fromMinute: 10 * 60, leastCents: cents(6_000) };
  assert.ok(changePayoutTerms(hub, terms).ok);
  const begun = () => {
    paySellers(hub);
    return hub.books.payouts.inStates(['intent']).length;
  };
  hub.clock.advance(hourMs - minuteMs);
  assert.is(begun(), 0);
  hub.clock.advance(minuteMs);
  assert.is(begun(), 1);
  assert.equal(
    hub.books.evidence.acts(9).map(({ act, reason }) => [act, reason]),
    [['pay terms', 'new']],
  );
});

changing('a new tariff holds as a whole; one with a gap is refused', () => {
  using hub = given();
  const now = () => hub.clock.now();
  assert.is(hub.books.payouts.feeFor(cents(20_000), now()), 500);
  hub.clock.advance(1);
  const tariff = [band(10_000, 100), band(25_000_000, 2_000)];
  assert.ok(changePayoutTerms(hub, { ...none, tariff }).ok);
  const feeOf = (amount: number) => hub.books.payouts.feeFor(cents(amount), now());
  assert.equal([1_000, 10_000, 10_100, 25_000_000].map(feeOf), [100, 100, 2_000, 2_000]);
  for (const bad of [[band(10_000, 0)], [band(25_000_000, 0), band(10_000, 0)], []])
    assert.equal(changePayoutTerms(hub, { ...none, tariff: bad }), {
      ...{ ok: false, error: { kind: 'not-a-tariff' } },
    });
  assert.is(feeOf(20_000), 2_000);
});

changing('nothing, no time and too little are refused, and nothing is written', () => {
  using hub = given();
  const kinds = [
    none,
    { ...none, fromMinute: 24 * 60 },
    { ...none, leastCents: cents(900) },
    { ...none, fromMinute: 60, leastCents: cents(900) },
  ].map((terms) => {
    const changed = changePayoutTerms(hub, terms);
    return changed.ok || changed.error.kind;
  });
  assert.equal(kinds, ['nothing-to-change', 'not-a-time', 'not-a-least', 'not-a-least']);
  assert.equal(hub.books.evidence.acts(9), []);
});

changing.run();
