/** Notes what sellers would get where a rule gives them another price than buyers pay; trades know one price. */
import type { RoundRule } from '../core/market/round-rule.ts';

export type NotingRule = RoundRule & {
  /** Cents per kWh; undefined where the seller gets what the buyer pays. */
  sellerRate(trade: {
    readonly slot: number;
    readonly seller: string;
    readonly buyer: string;
  }): number | undefined;
};

const keyOf = (slot: number, seller: unknown, buyer: unknown): string =>
  `${slot} ${seller} ${buyer}`;

export function notingRule(rule: RoundRule): NotingRule {
  const noted = new Map<string, number>();
  return {
    ...rule,
    clear: (round) => {
      const clearing = rule.clear(round);
      for (const { seller, buyer, rate, sellerRate } of clearing.pairs)
        if (rate !== sellerRate) noted.set(keyOf(round.turn, seller, buyer), sellerRate);
      return clearing;
    },
    sellerRate: ({ slot, seller, buyer }) => noted.get(keyOf(slot, seller, buyer)),
  };
}
