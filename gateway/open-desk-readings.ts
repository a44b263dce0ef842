/** The desk's window for readings: raw ones of a meter, and roll-ups of one or of the whole neighbourhood. */
import type { MeterId } from './core/ids.ts';
import type { Reading } from './core/reading.ts';
import { fail, ok, type Result } from './core/result.ts';
import { type Rollup, rollupWidths } from './core/rollup.ts';
import { dayMs } from './core/slot.ts';
import { type EpochMs, epochMs } from './core/units.ts';
import type { Desk, Problem, ReadingView, RollupView } from './ports/desk.ts';
import type { Needs } from './ports/needs.ts';

const readingsMost = 10_000;

const missingMeter: Problem = {
  status: 404,
  title: 'No such meter',
  detail: 'This hub knows no meter with that id.',
};

type Span = { readonly first: EpochMs; readonly end: EpochMs };

/** What the desk answers about readings; the last day when no time is named. */
export function openReadingsDesk(hub: Needs): Pick<Desk, 'readings' | 'rollups'> {
  const isKnown = (meter: string): boolean => hub.books.households.wasRegistered(meter as MeterId);
  return {
    readings: async ({ meter, from, to }) => {
      if (!isKnown(meter)) return fail(missingMeter);
      const span = spanOf(hub.clock.now(), from, to);
      if (!span.ok) return span;
      const { first, end } = span.value;
      const found = await looked(hub.readings.between(meter as MeterId, first, end, readingsMost));
      return found.ok ? ok(found.value.map(toReadingView)) : found;
    },
    rollups: async ({ meter, width, from, to }) => {
      if (meter !== undefined && !isKnown(meter)) return fail(missingMeter);
      const span = spanOf(hub.clock.now(), from, to);
      if (!span.ok) return span;
      const { first, end } = span.value;
      // One bucket more, so that the first that is shown knows where its registers began.
      const begin = epochMs(Math.max(0, first - rollupWidths[width]));
      const asked = hub.readings.rollups(
        width,
        meter as MeterId | undefined,
        begin,
        end,
        readingsMost,
      );
      const found = await looked(asked);
      return found.ok ? ok(toRollupViews(found.value, first)) : found;
    },
  };
}

/** Too many questions at once, or a chunk that the card has damaged. */
async function looked<T>(asked: Promise<T>): Promise<Result<T, Problem>> {
  try {
    return ok(await asked);
  } catch (error) {
    const detail = `Readings could not be looked up: ${error instanceof Error ? error.message : String(error)}.`;
    return fail({ status: 503, title: 'Not now', detail });
  }
}

function spanOf(
  now: EpochMs,
  from: string | undefined,
  to: string | undefined,
): Result<Span, Problem> {
  const [first, end] = [momentOf(from, epochMs(now - dayMs)), momentOf(to, epochMs(now + 1))];
  if (first === undefined) return fail(badTime('from'));
  if (end === undefined) return fail(badTime('to'));
  return ok({ first, end });
}

const badTime = (field: string): Problem => ({
  status: 400,
  title: 'Not a moment',
  detail: `${field} must be a moment in ISO 8601, such as 2026-06-15T09:00:00Z.`,
  field,
});

/** Undefined when the text is no moment. */
function momentOf(text: string | undefined, otherwise: EpochMs): EpochMs | undefined {
  if (text === undefined) return otherwise;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? undefined : epochMs(ms);
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

const toReadingView = (reading: Reading): ReadingView => ({
  meter: reading.meter,
  sequence: reading.sequence,
  at: iso(reading.at),
  importMwh: reading.importMwh,
  exportMwh: reading.exportMwh,
  generationMwh: reading.generationMwh,
  powerMw: reading.powerMw,
});

/** Energy is counted from the last register of the meter's bucket before, so that none is lost between two. */
function toRollupViews(rollups: readonly Rollup[], from: EpochMs): RollupView[] {
  const before = new Map<string, Rollup>();
  const views: RollupView[] = [];
  for (const rollup of rollups) {
    if (rollup.start >= from) views.push(toRollupView(rollup, before.get(rollup.meter)));
    before.set(rollup.meter, rollup);
  }
  return views;
}

const toRollupView = (rollup: Rollup, before: Rollup | undefined): RollupView => ({
  meter: rollup.meter,
  at: iso(rollup.start),
  readings: rollup.count,
  importMwh: rollup.lastImportMwh - (before?.lastImportMwh ?? rollup.firstImportMwh),
  exportMwh: rollup.lastExportMwh - (before?.lastExportMwh ?? rollup.firstExportMwh),
  generationMwh:
    rollup.lastGenerationMwh - (before?.lastGenerationMwh ?? rollup.firstGenerationMwh),
  importRegisterMwh: rollup.lastImportMwh,
  exportRegisterMwh: rollup.lastExportMwh,
  generationRegisterMwh: rollup.lastGenerationMwh,
  powerMeanMw: Math.round(rollup.powerSumMw / rollup.count),
  powerLeastMw: rollup.powerLeastMw,
  powerMostMw: rollup.powerMostMw,
});
