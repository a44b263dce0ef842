/** Every line that /metrics can show, from a hub in which everything has happened at least once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steppedClock } from '../../gateway/adapters/clock/stepped-clock.ts';
import type { Figure } from '../../gateway/adapters/web/web-options.ts';
import type { Config } from '../../gateway/config.ts';
import { openClock } from '../../gateway/open-clock.ts';
import { type FigureNeeds, figuresOf, openCounts } from '../../gateway/open-figures.ts';
import { openTunnel } from '../../gateway/open-tunnel.ts';
import { openedWeb } from '../adapters/web/fake-desk.ts';
import { given } from './given.ts';
import { nine } from './neighbourhood.ts';

const work = {
  ...{ pending: 1, turnedAway: 1, commits: 1, commitSeconds: 1, worstSeconds: 1, refusals: 1 },
};
const log = { info: () => {}, warn: () => {}, error: () => {} };

/** Figures of the hub itself; those of the HTTP port and the process are in `everyName`. */
export function everyFigure(changes: Partial<FigureNeeds> = {}): Figure[] {
  const dataDir = mkdtempSync(join(tmpdir(), 'figures-'));
  using hub = given();
  try {
    for (const name of ['books.db', 'readings.db']) writeFileSync(join(dataDir, name), 'x');
    hub.books.deeds.ensure('compare-payments', 'list', hub.clock.now());
    const counts = openCounts();
    counts.hear({ name: 'funds.checked' } as never);
    const clock = openClock({} as Config, log, steppedClock(nine));
    const view = { ...clock.view(), witnesses: { ntp: 3 } };
    const tunnel = openTunnel({
      config: { TUNNEL: 'none', MPESA_ENVIRONMENT: 'simulator' } as never,
      ...{ log, hubKey: Buffer.alloc(32) },
    });
    return [
      ...figuresOf({
        ...{ needs: hub, load: hub.books.load, dataDir, counts, gates: { decided: 1 } },
        readings: {
          ...hub.readings,
          counts: () => ({ stored: 1, settled: 1, duplicates: 1, quarantined: { malformed: 1 } }),
          work: () => work,
        },
        broker: {
          ...{ online: () => new Set(), connections: () => 1 },
          refused: () => ({ 'too-many-connections': 1 }),
        },
        callbacks: { counts: () => ({ kept: 1 }) as never },
        clock: { ...clock, view: () => view },
        heights: { now: () => ({ finalized: 1 }) },
        ...changes,
        counts: {
          ...counts,
          answers: () => [{ call: 'ring', meaning: 'accepted', n: 1 }],
          ...changes.counts,
        },
      }),
      ...tunnel.figures(),
    ];
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

/** The whole text of a scrape, the HTTP port's and the process's lines included. */
export async function aScrape(): Promise<string> {
  const figures = everyFigure();
  await using web = await openedWeb({ metrics: () => figures });
  // The port counts what it has answered, so the first answer is in the second.
  await web.call('/api/board');
  return (await web.call('/metrics', { headers: {} })).text;
}
