/** What the public board, the metrics and the readiness check show of the running hub. */
import type { BookViews } from './adapters/sqlite/views.ts';
import type { BoardView } from './adapters/web/board-view.ts';
import type { CallbackListener } from './adapters/web/callback-listener.ts';
import type { Figure, Readiness } from './adapters/web/web-options.ts';
import { hourMs, startOfDay } from './core/slot.ts';
import { scoreboardOf } from './open-desk-advice.ts';
import type { MeterBroker } from './ports/broker.ts';
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

const counter = (
  name: string,
  help: string,
  value: number,
  labels?: Record<string, string>,
): Figure => ({
  name: `jirani_${name}`,
  help,
  kind: 'counter',
  value,
  ...(labels === undefined ? {} : { labels }),
});

/** The hub's own lines of /metrics. */
export function figuresOf(
  { books, readings }: Needs,
  broker: Pick<MeterBroker, 'refused' | 'online'>,
  callbacks: Pick<CallbackListener, 'counts'>,
  gates: Readonly<Record<string, number>>,
): Figure[] {
  const counts = readings.counts();
  const gauge = (name: string, help: string, value: number): Figure => ({
    ...counter(name, help, value),
    kind: 'gauge',
  });
  return [
    counter('readings_acknowledged_total', 'Payloads answered with a PUBACK', counts.settled),
    gauge('readings_stored', 'Readings on disk', counts.stored),
    counter('readings_duplicate_total', 'Readings that were on disk already', counts.duplicates),
    ...Object.entries(counts.quarantined).map(([reason, value]) =>
      counter('readings_quarantined_total', 'Payloads set aside', value ?? 0, { reason }),
    ),
    ...Object.entries(broker.refused()).map(([reason, value]) =>
      counter('mqtt_refused_total', 'Turned away by the broker', value, { reason }),
    ),
    ...Object.entries(callbacks.counts()).map(([outcome, value]) =>
      counter('callbacks_total', 'Requests to the callback listener', value, { outcome }),
    ),
    ...Object.entries(gates).map(([outcome, value]) =>
      counter('gate_messages_total', 'What flows said about gates', value, { outcome }),
    ),
    gauge('meters_online', 'Meters with a connection', broker.online().size),
    gauge('deeds_waiting', 'Deeds that the outbox has to do', books.deeds.waiting()),
    gauge('trial_balance_cents', 'Sum of all money accounts', books.audit.trialBalance('cents')),
    gauge('trial_balance_wh', 'Sum of all energy accounts', books.audit.trialBalance('Wh')),
  ];
}
