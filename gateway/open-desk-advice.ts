/** The counter's part about advice: its scoreboard, and the forecasts. */
import type { AdviceLine } from './adapters/sqlite/views.ts';
import { adviceDayOf } from './core/advice-score.ts';
import { hasEarned, pairedDaysLeast } from './core/policy/record.ts';
import type { AdviceDesk, Forecasts, ScoreboardView, ScoreLine } from './ports/advice-desk.ts';
import type { AdviceView } from './ports/desk.ts';
import type { Needs } from './ports/needs.ts';

/** Days that the scoreboard sums up. */
const windowDays = 30;

type DeskNeeds = {
  readonly hub: Pick<Needs, 'books' | 'clock'>;
  readonly forecasts: Pick<Forecasts, 'view'>;
};

export const openAdviceDesk = ({ hub, forecasts }: DeskNeeds): AdviceDesk => ({
  scoreboard: () => scoreboardOf(hub),
  forecast: () => forecasts.view(),
});

export function scoreboardOf({ books, clock }: DeskNeeds['hub']): ScoreboardView {
  const since = adviceDayOf(clock.now()) - windowDays;
  const sums = books.advice.sumsSince(since);
  const households = sums.map(({ household, days, gainedCents, possibleCents }) => ({
    householdId: household,
    ...line(days, gainedCents, possibleCents),
  }));
  const sum = (of: (one: ScoreLine) => number) => households.reduce((all, one) => all + of(one), 0);
  const pairs = books.advice.pairedDays(pairedDaysLeast);
  return {
    windowDays,
    hub: line(
      Math.max(0, ...households.map(({ days }) => days)),
      sum(({ gainedCents }) => gainedCents),
      sum(({ possibleCents }) => possibleCents),
    ),
    households,
    secondOpinion: {
      days: pairs.length,
      daysNeeded: pairedDaysLeast,
      betterCents: pairs.reduce((all, one) => all + one.opinionCents - one.ruleCents, 0),
      hasSay: hasEarned(pairs),
    },
  };
}

const line = (days: number, gainedCents: number, possibleCents: number) => ({
  ...{ days, gainedCents, possibleCents },
  sharePercent: possibleCents === 0 ? null : Math.round((1000 * gainedCents) / possibleCents) / 10,
});

/** The hub's own words, and the model's where they were faithful. */
export const toAdviceView = ({
  household,
  opinionModel,
  opinionSellWh,
  opinionReason,
  opinionReasonSw,
  known,
  ...line
}: AdviceLine): AdviceView => ({
  ...line,
  householdId: household,
  known: JSON.parse(known),
  opinion:
    opinionModel === null
      ? null
      : {
          ...{ model: opinionModel, sellWh: opinionSellWh ?? 0 },
          ...{ reason: opinionReason ?? '', reasonSw: opinionReasonSw ?? '' },
        },
});
