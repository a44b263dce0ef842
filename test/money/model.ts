/** Random lives of a hub: what may happen in one, how it is lived, and hubs that break a rule. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import type { Adventure, Twist } from '../support/adventure.ts';
import type { Happening } from '../support/befall.ts';
import { breachesAtRest, breachesNow } from '../support/invariants.ts';
import { watchLives } from '../support/lives.ts';
import { askManners, payManners, reverseManners, ringManners } from '../support/living-mpesa.ts';
import { wishNames } from '../support/people.ts';

const number = fc.nat({ max: 5 });
const mostly = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false));
const times = fc.integer({ min: 1, max: 3 });
type What = Happening['what'];
const of = <Name extends What>(what: Name) => ({ what: fc.constant(what) });
const often = <Thing>(weight: number, arbitrary: fc.Arbitrary<Thing>) => ({ weight, arbitrary });

const energyWh = fc.integer({ min: 700, max: 4_000 });
const passing = [300, 5_000, 5_000, minuteMs, 2 * minuteMs, 11 * minuteMs, hourMs] as const;

const happening: fc.Arbitrary<Happening> = fc.oneof(
  often(6, fc.record({ ...of('order'), energyWh, byHand: fc.boolean() })),
  often(3, fc.record({ ...of('next push'), manner: fc.constantFrom(...ringManners) })),
  often(3, fc.record({ ...of('next question'), manner: fc.constantFrom(...askManners) })),
  often(2, fc.record({ ...of('next payout'), manner: fc.constantFrom(...payManners) })),
  often(8, fc.record({ ...of('pin'), prompt: number, pays: mostly })),
  often(2, fc.record({ ...of('late pin'), prompt: number })),
  often(4, fc.record({ ...of('callback'), prompt: number, times })),
  often(
    2,
    fc.record({
      ...{ ...of('forgery'), prompt: number },
      code: fc.constantFrom('0', '1032', '7777'),
      moreCents: fc.constantFrom(0, 0, -100, 5_000),
      borrows: fc.option(number, { nil: undefined }),
    }),
  ),
  often(2, fc.record({ ...of('result'), number, times })),
  often(1, fc.record({ ...of('forged failure'), payout: number, kind: number })),
  often(
    1,
    fc.record({
      ...{ ...of('paybill'), kes: fc.integer({ min: 1, max: 80 }) },
      payer: fc.constantFrom('kiosk', 'tailor', 'stranger'),
      isConfirmed: mostly,
    }),
  ),
  often(1, fc.record({ ...of('next reversal'), manner: fc.constantFrom(...reverseManners) })),
  often(
    4,
    fc.record({
      ...{ ...of('person'), wish: fc.constantFrom(...wishNames) },
      number: fc.nat({ max: 40 }),
    }),
  ),
  often(1, fc.record({ ...of('m-pesa'), answers: mostly })),
  often(1, fc.record({ ...of('chain'), reachable: mostly, takesIn: mostly, final: mostly })),
  often(1, fc.record({ ...of('blocks'), many: fc.constantFrom(1, 100, 150, 301) })),
  often(6, fc.record({ ...of('time'), ms: fc.constantFrom(...passing) })),
  often(
    1,
    fc.record({ ...of('wrong clock'), byMs: fc.constantFrom(0, 0, 3 * hourMs, -3 * hourMs) }),
  ),
  often(3, fc.record({ ...of('power cut'), calls: fc.constantFrom(0, 1, 2, 3, 5, 8, 13, 21, 34) })),
);
export const happenings = fc.array(happening, { minLength: 4, maxLength: 40, size: 'max' });

/** Throws with the first breach. */
export async function live(adventure: Adventure, all: readonly Happening[]): Promise<void> {
  using lives = watchLives(adventure.file);
  for (const one of all) {
    await adventure.happen(one);
    const breaches = [...breachesNow(adventure), ...lives.look()];
    assert.equal(breaches, [], `after ${JSON.stringify(one)}`);
  }
  await adventure.comeToRest();
  const breaches = [...breachesNow(adventure), ...lives.look(), ...breachesAtRest(adventure)];
  assert.equal(breaches, [], 'at rest');
}

export const asWritten: Twist = (hub) => hub;

/** The rule that nobody may break: after an unclear answer the same push is never sent again. */
export const ringsAgain: Twist = (hub) => {
  const { topups } = hub.books;
  const again: typeof topups = {
    ...topups,
    unsure: (topup, why, at) => topups.notSent(topup, why, at),
  };
  return { ...hub, books: { ...hub.books, topups: again } };
};

/** M-Pesa cannot see that a repeated payout is a repetition. */
export const paysUnderANewName: Twist = (hub) => ({
  ...hub,
  money: {
    ...hub.money,
    payOut: (disbursement) =>
      hub.money.payOut({ ...disbursement, conversationId: `J${randomBytes(8).toString('hex')}` }),
  },
});

/** Whoever knows a path fills a wallet. */
export const believesCallbacks: Twist = (hub) => {
  const claimed = new Set<string>();
  const { money } = hub;
  return {
    ...hub,
    money: {
      ...money,
      readCallback: (kind, body) => {
        const claim = money.readCallback(kind, body);
        if (claim.kind === 'push' && claim.code === '0') claimed.add(claim.checkoutRequestId);
        return claim;
      },
      askAboutPush: async (id) => (claimed.has(id) ? { kind: 'paid' } : money.askAboutPush(id)),
    },
  };
};
