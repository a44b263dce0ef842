import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  advance,
  openStates,
  priceOf,
  statesBefore,
  type TradeMove,
  type TradeState,
  unpaidStates,
} from '../../gateway/core/trade.ts';
import { centsPerKwh, wattHours } from '../../gateway/core/units.ts';

const living = suite('the life of a trade');

const states: readonly TradeState[] = [
  'matched',
  'awaiting-funds',
  'paid',
  'transferring',
  'settled',
  'closed',
  'expired',
  'undone',
  'review',
];
const moves: readonly TradeMove[] = [
  'wallet.short',
  'trade.paid',
  'trade.expired',
  'tokens.sent',
  'tokens.settled',
  'tokens.impossible',
  'tokens.unclear',
  'earnings.paid-out',
];

const legal = [
  'matched, wallet.short: awaiting-funds',
  'matched, trade.paid: paid',
  'matched, trade.expired: expired',
  'awaiting-funds, trade.paid: paid',
  'awaiting-funds, trade.expired: expired',
  'paid, tokens.sent: transferring',
  'paid, tokens.impossible: undone',
  'paid, tokens.unclear: review',
  'transferring, tokens.settled: settled',
  'transferring, tokens.impossible: undone',
  'transferring, tokens.unclear: review',
  'settled, earnings.paid-out: closed',
  'review, tokens.settled: settled',
  'review, tokens.impossible: undone',
];

const everyMove = states.flatMap((state) => moves.map((move) => ({ state, move })));

living('knows exactly the moves of a trade, and where each leads', () => {
  const possible = everyMove.flatMap(({ state, move }) => {
    const next = advance(state, move);
    return next.ok ? [`${state}, ${move}: ${next.value}`] : [];
  });
  assert.equal(possible.sort(), [...legal].sort());
});

living('refuses every other move', () => {
  const refused = everyMove.filter(({ state, move }) => !advance(state, move).ok);
  assert.is(refused.length, states.length * moves.length - legal.length);
  for (const { state, move } of refused)
    assert.equal(advance(state, move), { ok: false, error: 'illegal-move' });
});

/** Every state that a trade can come to from `start` without the moves in `without`. */
function within(start: TradeState, without: readonly TradeMove[]): Set<TradeState> {
  const seen = new Set([start]);
  for (const state of seen)
    for (const move of moves.filter((one) => !without.includes(one))) {
      const next = advance(state, move);
      if (next.ok) seen.add(next.value);
    }
  return seen;
}

living('moves no token before the buyer has paid', () => {
  const unpaid = within('matched', ['trade.paid']);
  assert.equal([...unpaid].sort(), ['awaiting-funds', 'expired', 'matched']);
});

living('can come to each of its states', () => {
  assert.equal([...within('matched', [])].sort(), [...states].sort());
});

living('pays no seller before the tokens are final', () => {
  assert.not.ok(within('matched', ['tokens.settled']).has('closed'));
});

living('never expires once it is paid, and never goes back to unpaid', () => {
  const later = within('paid', []);
  for (const state of ['matched', 'awaiting-funds', 'expired'] as const)
    assert.not.ok(later.has(state));
});

living('either settles or is undone, and ends in three ways', () => {
  assert.equal([...within('undone', [])], ['undone']);
  assert.not.ok(within('settled', []).has('undone'));
  const ends = states.filter((state) => within(state, []).size === 1);
  assert.equal([...ends].sort(), ['closed', 'expired', 'undone']);
});

living('leads from every open state to an end', () => {
  for (const state of openStates) {
    const reached = within(state, []);
    assert.ok(reached.has('closed') || reached.has('undone') || reached.has('expired'));
  }
});

living('names the states before a move as the table has them', () => {
  for (const move of moves)
    assert.equal(
      statesBefore(move),
      states.filter((state) => advance(state, move).ok),
    );
});

living('counts as unpaid what may still be paid, as open what still brings energy', () => {
  assert.equal([...unpaidStates].sort(), [...statesBefore('trade.paid')].sort());
  const open = states.filter((state) => state !== 'settled' && within(state, []).size > 1);
  assert.equal([...openStates].sort(), [...open].sort());
});

const paying = suite('the price of energy');
const price = (energyWh: number, rate: number): number =>
  priceOf(wattHours(energyWh), centsPerKwh(rate));

paying('is exact for whole kWh and for the halves of them', () => {
  assert.is(price(1000, 1500), 1500);
  assert.is(price(2500, 1200), 3000);
  assert.is(price(0, 1500), 0);
});

paying('never makes the buyer pay the odd thousandths of a cent', () => {
  assert.is(price(1, 1500), 1);
  assert.is(price(1, 1999), 1);
  assert.is(price(1, 999), 0);
  assert.is(price(999, 1), 0);
  assert.is(price(1001, 1000), 1001);
});

paying('is the exact price less than one cent rounded down', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.nat(10_000), (energyWh, rate) => {
      const thousandths = energyWh * rate - price(energyWh, rate) * 1000;
      assert.ok(thousandths >= 0 && thousandths < 1000);
    }),
  );
});

paying('is never higher because one need was met by several neighbours', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000)), fc.nat(5000), (parts, rate) => {
      const apart = parts.reduce((sum, part) => sum + price(part, rate), 0);
      const energyWh = parts.reduce((sum, part) => sum + part, 0);
      assert.ok(apart <= price(energyWh, rate));
    }),
  );
});

living.run();
paying.run();
