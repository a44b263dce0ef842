/**
 * Ways to clear a round, behind one interface. The hub trades by the posted rate; the others are there to be
 * compared with it (`simulate`, `bench market`).
 */
import type { CentsPerKwh, WattHours } from '../units.ts';

/** One side of a round: how much, and the price at which it is just worth it. */
export type Wish<Name> = {
  readonly name: Name;
  readonly energyWh: WattHours;
  /** Sellers: the least they take. Buyers: the most they give. */
  readonly limit: CentsPerKwh;
};

/**
 * Money in thousandths of a cent: Wh times cents per kWh, so that no price is ever rounded here. `money` is what
 * a buyer gives or a seller gets.
 */
export type Fill<Name> = {
  readonly name: Name;
  readonly energyWh: number;
  readonly moneyMilliCents: number;
};

export type Outcome<Name> = {
  readonly bought: readonly Fill<Name>[];
  readonly sold: readonly Fill<Name>[];
  /** What buyers give less what sellers get; below 0 the hub would have to add money. */
  readonly hubMilliCents: number;
};

export type Round<Name> = {
  /** Every registered household in its fixed order; `turn` (the slot's number) rotates who is first. */
  readonly registry: readonly Name[];
  readonly turn: number;
  readonly offers: readonly Wish<Name>[];
  readonly bids: readonly Wish<Name>[];
};

export type Mechanism = {
  readonly name: string;
  readonly clear: <Name>(round: Round<Name>) => Outcome<Name>;
};

/** An outcome from what each household bought and sold; who got nothing is left out. */
export function outcomeOf<Name>(
  bought: readonly Fill<Name>[],
  sold: readonly Fill<Name>[],
): Outcome<Name> {
  const some = ({ energyWh }: Fill<Name>): boolean => energyWh > 0;
  const sum = (fills: readonly Fill<Name>[]): number =>
    fills.reduce((all, { moneyMilliCents }) => all + moneyMilliCents, 0);
  return {
    bought: bought.filter(some),
    sold: sold.filter(some),
    hubMilliCents: sum(bought) - sum(sold),
  };
}
