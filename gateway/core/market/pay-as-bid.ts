/** Each pair meets in the middle of its two limits. Efficient when all tell the truth, which it does not reward. */
import { type Mechanism, outcomeOf } from './mechanism.ts';
import { bookOf, pairsOf } from './order-book.ts';

/** The middle is rounded down to a thousandth of a cent, for both alike, so that the hub neither gives nor takes. */
export const payAsBid: Mechanism = {
  name: 'pay as bid',
  clear: (round) => {
    type Name = (typeof round.registry)[number];
    const [bought, sold] = [new Tally<Name>(), new Tally<Name>()];
    for (const { offer, bid, energyWh } of pairsOf(bookOf(round))) {
      const money = Math.floor((energyWh * (offer.limit + bid.limit)) / 2);
      bought.add(bid.name, energyWh, money);
      sold.add(offer.name, energyWh, money);
    }
    return outcomeOf(bought.fills(), sold.fills());
  },
};

class Tally<Name> {
  readonly #of = new Map<Name, { energyWh: number; moneyMilliCents: number }>();

  add(name: Name, energyWh: number, moneyMilliCents: number): void {
    const known = this.#of.get(name) ?? { energyWh: 0, moneyMilliCents: 0 };
    known.energyWh += energyWh;
    known.moneyMilliCents += moneyMilliCents;
    this.#of.set(name, known);
  }

  fills() {
    return [...this.#of].map(([name, fill]) => ({ name, ...fill }));
  }
}
