/** The shape of what the API tells of forecasts and of the worth of advice. */
import { z } from 'zod';
import type { ForecastView, ScoreboardView } from '../../ports/advice-desk.ts';

const whole = z.int();
const worth = {
  days: whole,
  gainedCents: whole,
  possibleCents: whole,
  sharePercent: z.number().nullable(),
};

export const scoreboardAnswer = z.object({
  windowDays: whole,
  hub: z.object(worth),
  households: z.array(z.object({ householdId: z.string(), ...worth })).readonly(),
  secondOpinion: z.object({
    days: whole,
    daysNeeded: whole,
    betterCents: whole,
    hasSay: z.boolean(),
  }),
}) satisfies z.ZodType<ScoreboardView>;

const wh = z.number().nullable();
const lead = z.object({
  minutesAhead: whole,
  meanWh: wh,
  lowWh: wh,
  highWh: wh,
  skill: z.number().nullable(),
  comparisons: whole,
  biasWh: z.number(),
  rmseWh: z.number(),
  coveragePercent: z.number(),
});

export const forecastAnswer = z.object({
  caughtUp: z.boolean(),
  households: z
    .array(
      z.object({
        householdId: z.string(),
        series: z.enum(['sun', 'load']),
        leads: z.array(lead).readonly(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<ForecastView>;
