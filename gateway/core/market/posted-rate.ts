/** The hub's own way: everybody trades at the community's rate, and the long side is rationed by the uniform rule. */
import { shareUniformly } from '../matching.ts';
import type { CentsPerKwh } from '../units.ts';
import { type Mechanism, outcomeOf, type Wish } from './mechanism.ts';

/**
 * Who finds the rate too low or too high sits out. Nobody gains by another limit or another amount than the true
 * one within a round (Sprumont 1991). `lotWh` is the size of what is shared; 1 in the round that ends a window.
 */
export const postedRate = (rate: CentsPerKwh, lotWh = 1): Mechanism => ({
  name: lotWh === 1 ? 'posted rate' : `posted rate, lots of ${lotWh} Wh`,
  clear: ({ registry, turn, offers, bids }) => {
    const lots = wishesIn(registry, lotWh);
    const offered = lots(offers.filter(({ limit }) => limit <= rate));
    const asked = lots(bids.filter(({ limit }) => limit >= rate));
    const first = registry.length === 0 ? 0 : turn % registry.length;
    const matched = Math.min(total(offered), total(asked));
    const fills = (shares: readonly number[]) =>
      shares.map((share, at) => ({
        name: registry[at] as (typeof registry)[number],
        energyWh: share * lotWh,
        moneyMilliCents: share * lotWh * rate,
      }));
    return outcomeOf(
      fills(shareUniformly(asked, matched, first)),
      fills(shareUniformly(offered, matched, first)),
    );
  },
});

const wishesIn =
  <Name>(registry: readonly Name[], lotWh: number) =>
  (wishes: readonly Wish<Name>[]): number[] => {
    const wanted = new Map(
      wishes.map(({ name, energyWh }) => [name, Math.floor(energyWh / lotWh)] as const),
    );
    return registry.map((name) => wanted.get(name) ?? 0);
  };

const total = (lots: readonly number[]): number => lots.reduce((sum, one) => sum + one, 0);
