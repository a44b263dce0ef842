/** What the counter shows of advice: what it was worth, and how good the forecasts are that it stands on. */

export type ScoreLine = {
  readonly householdId: string;
  readonly days: number;
  /** Beyond selling at once: what the advice brought, and the best that was possible with perfect foresight. */
  readonly gainedCents: number;
  readonly possibleCents: number;
  /** In percent; null where nothing was possible. */
  readonly sharePercent: number | null;
};

export type ScoreboardView = {
  /** The days that are counted. */
  readonly windowDays: number;
  readonly hub: Omit<ScoreLine, 'householdId'>;
  readonly households: readonly ScoreLine[];
  /** The language model's own record, day against day; it may change a decision only while `hasSay`. */
  readonly secondOpinion: {
    readonly days: number;
    readonly daysNeeded: number;
    readonly betterCents: number;
    readonly hasSay: boolean;
  };
};

export type ForecastLine = {
  readonly minutesAhead: number;
  /** Of the next slot that begins then; Wh per slot of 15 minutes. Null before anything is known. */
  readonly meanWh: number | null;
  readonly lowWh: number | null;
  readonly highWh: number | null;
  /** Against the best blend of "as now" and "as usual": above 0 is better. Null before anything was compared. */
  readonly skill: number | null;
  readonly comparisons: number;
  readonly biasWh: number;
  readonly rmseWh: number;
  /** How often the truth lay between low and high; 80 is what they promise. */
  readonly coveragePercent: number;
};

export type SeriesForecast = {
  readonly householdId: string;
  readonly series: 'sun' | 'load';
  readonly leads: readonly ForecastLine[];
};

export type ForecastView = {
  /** False while the hub still reads what was metered before it started. */
  readonly caughtUp: boolean;
  readonly households: readonly SeriesForecast[];
};

export interface AdviceDesk {
  scoreboard(): ScoreboardView;
  forecast(): ForecastView;
}

/** Forecasters of all households: they learn from every slot, and are scored on every slot. */
export interface Forecasts {
  /** Learns what has been metered since; a little at a time. */
  catchUp(): void;
  view(): ForecastView;
}
