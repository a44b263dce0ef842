import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { askBalance } from '../../gateway/steps/ask-balance.ts';
import { readBalanceCallback } from '../../gateway/steps/read-balance-callback.ts';
import { compareAfterStart, watchMoney } from '../../gateway/steps/watch-money.ts';
import { type GivenHub, given, knock, waitingDeeds } from '../support/given.ts';
import { livingHub } from '../support/living-hub.ts';
import { kiosk } from '../support/neighbourhood.ts';
import { compareWith } from '../support/payments.ts';
import { aRingingTopup } from '../support/topups.ts';

const watching = suite('watching that books and M-Pesa agree');

watching(
  'looks at the list every day and at the balance every hour, and rests between',
  async () => {
    using hub = given();
    const life = livingHub(hub);
    for (let ticks = 0; ticks < 25; ticks++) {
      await life.tick();
      hub.clock.advance(hourMs);
    }
    assert.equal([hub.money.listed.length, hub.money.balanceQuestions.length], [2, 25]);
    assert.equal([waitingDeeds(hub), life.troubles], [[], []]);
  },
);

watching('looks again after a start and as soon as M-Pesa is back', async () => {
  using hub = given();
  await compareWith(hub);
  await askBalance(hub);
  const looks = () => {
    watchMoney(hub);
    return waitingDeeds(hub);
  };
  assert.equal(looks(), []);
  compareAfterStart(hub);
  assert.equal(looks(), ['compare-payments']);
  await compareWith(hub);
  hub.money.state = 'unreachable';
  assert.equal(looks(), []);
  hub.money.state = 'ok';
  assert.equal(looks(), ['compare-payments']);
  await compareWith(hub);
  assert.equal(looks(), []);
});

watching('S45: a clock that was put back makes it look now, not in three hours', async () => {
  using hub = given();
  hub.clock.advance(3 * hourMs);
  await compareWith(hub);
  await askBalance(hub);
  const earlier = epochMs(hub.clock.now() - 3 * hourMs);
  watchMoney({ ...hub, clock: { speed: 1, trust: () => 'trusted', now: () => earlier } });
  assert.equal(waitingDeeds(hub), ['ask-balance', 'compare-payments']);
});

const balancing = suite('asking for the balance');

/** M-Pesa has this many cents more, or less, than the books explain. */
async function balanceIs(hub: GivenHub, utilityCents: number, chargesPaidCents = 0) {
  await askBalance(hub);
  const claim = { kind: 'balance', answered: true, code: '0', workingCents: 0 } as const;
  return says(hub, { ...claim, utilityCents, chargesPaidCents });
}
async function says(hub: GivenHub, claim: Parameters<typeof knock>[2]): Promise<void> {
  const token = hub.money.balanceQuestions.at(-1)?.resultToken ?? '';
  await readBalanceCallback(hub, knock(hub, token, claim) ?? '');
}
const alarms = ({ books }: GivenHub) => books.watch.alarms(9).map(({ words }) => words);

balancing(
  'what is there at first is the keeper’s float; after that every cent counts',
  async () => {
    using hub = given({ wallets: { [kiosk]: 3_000 } });
    await balanceIs(hub, 103_000);
    assert.equal([hub.books.watch.float()?.utilityCents, alarms(hub)], [100_000, []]);
    await balanceIs(hub, 102_999);
    assert.equal(alarms(hub), [], 'once may be a payment that nobody has told of yet');
    assert.equal(waitingDeeds(hub), ['ask-balance', 'compare-payments'], 'so it looks again');
    await balanceIs(hub, 102_999);
    assert.equal(alarms(hub), [
      "M-Pesa's utility account has KES 0.01 less than the books explain.",
    ]);
    await balanceIs(hub, 103_000);
    assert.equal(alarms(hub), [], 'and ends when it agrees again');
    assert.is(hub.books.trades.walletOf(kiosk), 3_000, 'nothing is ever posted from it');
  },
);

balancing('what is on its way explains no more than it is worth', async () => {
  using hub = given();
  await balanceIs(hub, 0);
  aRingingTopup(hub);
  for (const utility of [3_000, 3_000, 0]) await balanceIs(hub, utility);
  assert.equal(alarms(hub), []);
  for (const utility of [3_001, 3_001]) await balanceIs(hub, utility);
  assert.is(alarms(hub).length, 1);
});

balancing('charges that the books do not know are a difference', async () => {
  using hub = given();
  await balanceIs(hub, 0, -5_000);
  for (const charges of [-5_100, -5_100]) await balanceIs(hub, 0, charges);
  assert.match(alarms(hub)[0] ?? '', /charges account has KES 1\.00 less/);
});

balancing('an answer counts once, and only one that was asked for', async () => {
  using hub = given();
  await balanceIs(hub, 500);
  await says(hub, {
    kind: 'balance',
    answered: true,
    code: '0',
    utilityCents: 9,
    chargesPaidCents: 0,
    workingCents: 0,
  });
  assert.is(hub.books.watch.lastAnswered('')?.theirs?.utilityCents, 500);
  await askBalance(hub);
  await says(hub, { kind: 'timeout' });
  assert.is(hub.books.watch.lastLook()?.answeredAt, undefined);
});

balancing('a refused name pauses payouts, and the hub does not try it again', async () => {
  using hub = given();
  await askBalance(hub);
  const claim = { kind: 'balance', answered: false, code: '2001' } as const;
  await says(hub, {
    ...claim,
    utilityCents: undefined,
    chargesPaidCents: undefined,
    workingCents: undefined,
  });
  assert.ok(hub.books.pauses.credentialFault(hub.clock.now()));
  const asked = hub.money.balanceQuestions.length;
  hub.clock.advance(dayMs + minuteMs);
  await askBalance(hub);
  assert.is(hub.money.balanceQuestions.length, asked);
});

watching.run();
balancing.run();
