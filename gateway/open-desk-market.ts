/** The market as everybody may see it: the rate, what moves it, and what it would become. */
import type { BookViews } from './adapters/sqlite/views.ts';
import { nextRate } from './core/pricing.ts';
import { dayMs, slotAt, startOfDay } from './core/slot.ts';
import { type EpochMs, epochMs } from './core/units.ts';
import type { DayInLots, MarketView } from './ports/desk.ts';
import type { Needs } from './ports/needs.ts';

const roundsShown = 96;

/** Only metered quantities enter, by the formula that docs/market.md publishes. */
export function marketOf({ books, clock }: Needs, views: BookViews): MarketView {
  const now = clock.now();
  const { rate, floor, cap } = books.settings.at(now);
  const midnight = startOfDay(now);
  const inLots = (from: EpochMs, to: EpochMs): DayInLots => {
    const { offered, asked } = books.rounds.lotsBetween(slotAt(from), slotAt(to));
    return { offeredLots: offered, askedLots: asked };
  };
  const tomorrow = epochMs(midnight + dayMs);
  const today = inLots(midnight, tomorrow);
  return {
    ...{ rateCentsPerKwh: rate, floorCentsPerKwh: floor, capCentsPerKwh: cap },
    yesterday: inLots(epochMs(midnight - dayMs), midnight),
    today,
    nextRateCentsPerKwh: nextRate(rate, { floor, cap }, today.offeredLots, today.askedLots),
    rounds: views
      .rounds(roundsShown)
      .map(({ atMs, ...round }) => ({ ...round, at: new Date(atMs).toISOString() })),
  };
}
