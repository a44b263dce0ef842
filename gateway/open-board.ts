/** What the public board and the readiness check show of the running hub. */
import type { BookViews } from './adapters/sqlite/views.ts';
import type { BoardView } from './adapters/web/board-view.ts';
import type { Readiness } from './adapters/web/web-options.ts';
import { hourMs, startOfDay } from './core/slot.ts';
import { scoreboardOf } from './open-desk-advice.ts';
import type { Needs } from './ports/needs.ts';

const boardTradesMost = 12;

/** Sums over the whole neighbourhood; nothing in it belongs to one household. */
export function boardOf({ books, clock, sun }: Needs, views: BookViews): BoardView {
  const now = clock.now();
  const { tradedWh, tradedCents, openTrades, paid, credited } = views.totals(startOfDay(now));
  const { hub } = scoreboardOf({ books, clock });
  const hour = sun.latest()?.find(({ from }) => from <= now && now < from + hourMs);
  return {
    tradedWhToday: tradedWh,
    tradedCentsToday: tradedCents,
    openTrades,
    paidCount: paid,
    creditedCount: credited,
    rateCentsPerKwh: books.settings.at(now).rate,
    surplusWh: books.households
      .all()
      .reduce((sum, { id }) => sum + books.energy.balanceOf(id).energyWh, 0),
    sunWattsPerM2: hour?.wattsPerM2 ?? null,
    adviceGainedCents: hub.gainedCents,
    advicePossibleCents: hub.possibleCents,
    lastTrades: views
      .trades(boardTradesMost)
      .map(({ id, energyWh, amountCents, state, createdMs }) => ({
        ...{ id, energyWh, amountCents, state },
        at: new Date(createdMs).toISOString(),
      })),
  };
}

/** Whether the hub can do its work now; each check has a name. */
export function readinessOf({ books, chain, money, clock }: Needs): Readiness {
  const unbalanced =
    books.audit.trialBalance('cents') !== 0 || books.audit.trialBalance('Wh') !== 0;
  const [tokens, mpesa] = [chain.health(), money.health()];
  return {
    books: { ok: !unbalanced, detail: unbalanced ? 'the trial balance is not 0' : '' },
    chain: { ok: tokens.state === 'ok', detail: tokens.detail },
    mpesa: { ok: mpesa.state === 'ok' || mpesa.state === 'unknown', detail: mpesa.detail },
    clock: { ok: clock.trust() !== 'untrusted', detail: clock.trust() },
  };
}
