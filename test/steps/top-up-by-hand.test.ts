import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { ringPhone } from '../../gateway/steps/ring-phone.ts';
import { topUpByHand } from '../../gateway/steps/top-up-by-hand.ts';
import { type GivenHub, given, heard, waitingDeeds } from '../support/given.ts';
import { kiosk, nine } from '../support/neighbourhood.ts';

const asking = suite('filling a wallet by hand');
const ask = (hub: GivenHub, amountCents: number) =>
  topUpByHand(hub, { household: kiosk, amountCents });
const why = (hub: GivenHub, amountCents: number) => {
  const asked = ask(hub, amountCents);
  return asked.ok ? 'asked' : asked.error.kind;
};
/** The phone is asked, and the household pays. */
async function paid(hub: GivenHub, amountCents: number): Promise<void> {
  const asked = ask(hub, amountCents);
  if (!asked.ok) throw new Error(asked.error.kind);
  await ringPhone(hub, asked.value.id);
  hub.books.topups.credit(asked.value, hub.clock.now());
}

asking('rings for exactly what was asked, without a trade', async () => {
  using hub = given();
  assert.is(why(hub, 12_000), 'asked');
  const [requested] = heard(hub, 'topup.requested');
  assert.is(requested?.amountCents, 12_000);
  await ringPhone(hub, requested?.topup ?? '');
  assert.equal(
    hub.money.rung.map(({ amountCents }) => amountCents),
    [12_000],
  );
});

asking('at night too, and after the day’s prompts', async () => {
  using hub = given({ rules: { [kiosk]: { promptsDaily: 0 } } });
  hub.clock.set(nine + 14 * hourMs);
  assert.is(why(hub, 5_000), 'asked');
});

asking('M-Pesa’s limits hold: whole shillings, 1 to 250,000', () => {
  using hub = given();
  for (const amount of [0, 50, 3_705, 25_000_100, Number.NaN, -100, 1.5])
    assert.is(why(hub, amount), 'amount', `${amount}`);
  assert.is(why(hub, 25_000_000), 'asked');
});

asking('not while the phone is being asked already', async () => {
  using hub = given();
  assert.is(why(hub, 5_000), 'asked');
  assert.is(why(hub, 7_000), 'prompt-open');
});

asking('S14: the same amount again only after two minutes, another amount at once', async () => {
  using hub = given();
  await paid(hub, 5_000);
  hub.clock.advance(2 * minuteMs - 1);
  assert.equal(ask(hub, 5_000), { ok: false, error: { kind: 'same-amount', waitMs: 1 } });
  await paid(hub, 6_000);
  hub.clock.advance(2 * minuteMs);
  assert.is(why(hub, 6_000), 'asked');
});

asking('nobody waits at the phone any more after ten minutes', async () => {
  using hub = given();
  const asked = ask(hub, 5_000);
  assert.ok(asked.ok);
  hub.clock.advance(10 * minuteMs);
  if (asked.ok) await ringPhone(hub, asked.value.id);
  assert.equal([hub.money.rung, waitingDeeds(hub)], [[], []]);
  assert.is(hub.books.topups.ofHousehold(kiosk, 1)[0]?.state, 'abandoned');
});

asking('a household that does not live here has no phone', () => {
  using hub = given();
  const asked = topUpByHand(hub, { household: 'nobody' as never, amountCents: 5_000 });
  assert.equal(asked, { ok: false, error: { kind: 'unknown-household' } });
});

asking.run();
