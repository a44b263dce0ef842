/** The hub's own lines of /metrics. Labels are words of ours: never a phone, a path, a name or an id. */
import { lookAtCard, openFilesMost } from './adapters/machine/card.ts';
import type { Readings } from './adapters/readings/open-readings.ts';
import type { Heights } from './adapters/solana/heights.ts';
import type { BookLoad } from './adapters/sqlite/load.ts';
import type { CallbackListener } from './adapters/web/callback-listener.ts';
import type { Figure } from './adapters/web/web-options.ts';
import type { TradeState } from './core/trade.ts';
import type { HubEvent } from './events/hub-event.ts';
import { clockFigures } from './open-clock.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { HubClock } from './ports/hub-clock.ts';
import type { MobileMoney } from './ports/mobile-money.ts';
import type { Needs } from './ports/needs.ts';
import type { ReadingStore } from './ports/readings.ts';

type Labels = Readonly<Record<string, string>>;
const figure =
  (kind: Figure['kind']) =>
  (name: string, help: string, value: number, labels: Labels = {}): Figure => ({
    ...{ name: `jirani_${name}`, help, kind, value, labels },
  });
const [counter, gauge] = [figure('counter'), figure('gauge')];
const each = (counts: Readonly<Record<string, number>>, to: (word: string, n: number) => Figure) =>
  Object.entries(counts).map(([word, n]) => to(word, n));

export type FigureNeeds = {
  readonly needs: Pick<Needs, 'books' | 'money' | 'chain'>;
  readonly load: BookLoad;
  readonly readings: ReadingStore & Partial<Pick<Readings, 'work'>>;
  readonly broker: Pick<MeterBroker, 'refused' | 'online' | 'connections'>;
  readonly callbacks: Pick<CallbackListener, 'counts'>;
  readonly gates: Readonly<Record<string, number>>;
  readonly clock: HubClock;
  readonly heights: Pick<Heights, 'now'>;
  readonly counts: HubCounts;
  readonly dataDir: string;
};

/** Read at each scrape; a few short questions to the books. */
export const figuresOf = (needs: FigureNeeds): Figure[] => [
  ...readingFigures(needs),
  ...doorFigures(needs),
  ...bookFigures(needs),
  ...outsideFigures(needs),
  ...clockFigures(needs.clock),
  ...machineFigures(needs),
];

function readingFigures({ readings }: FigureNeeds): Figure[] {
  const { settled, stored, duplicates, quarantined } = readings.counts();
  const work = readings.work?.();
  return [
    counter('readings_acknowledged_total', 'Payloads answered with a PUBACK', settled),
    gauge('readings_stored', 'Readings on disk', stored),
    counter('readings_duplicate_total', 'Readings that were on disk already', duplicates),
    ...each(quarantined as Record<string, number>, (reason, n) =>
      counter('readings_quarantined_total', 'Payloads set aside', n, { reason }),
    ),
    ...(work === undefined
      ? []
      : [
          gauge('readings_pending', 'Payloads that wait for the disk', work.pending),
          counter('readings_turned_away_total', 'Offers while too many waited', work.turnedAway),
          counter('readings_commits_total', 'Commits of readings', work.commits),
          counter('readings_commit_seconds_total', 'Time that commits took', work.commitSeconds),
          gauge(
            'readings_commit_worst_seconds',
            'The longest since the last look',
            work.worstSeconds,
          ),
          counter('readings_disk_refusals_total', 'Times that the disk said no', work.refusals),
        ]),
  ];
}

function doorFigures({ broker, callbacks, gates }: FigureNeeds): Figure[] {
  return [
    gauge('meters_online', 'Meters with a connection', broker.online().size),
    gauge('mqtt_connections', 'Connections to the broker', broker.connections()),
    ...each(broker.refused(), (reason, n) =>
      counter('mqtt_refused_total', 'Turned away by the broker', n, { reason }),
    ),
    ...each(callbacks.counts(), (outcome, n) =>
      counter('callbacks_total', 'Requests to the callback listener', n, { outcome }),
    ),
    ...each(gates, (outcome, n) =>
      counter('gate_messages_total', 'What flows said about gates', n, { outcome }),
    ),
  ];
}

/** All of them, so that a state that nothing is in now shows 0 and not nothing. */
const tradeStates: readonly TradeState[] = [
  ...(['matched', 'awaiting-funds', 'paid', 'transferring', 'settled', 'closed'] as const),
  ...(['expired', 'undone', 'review'] as const),
];

function bookFigures({ needs: { books }, load, counts, clock }: FigureNeeds): Figure[] {
  const trades = load.tradesByState();
  const { commits } = load;
  const { audit } = books;
  return [
    ...tradeStates.map((state) => gauge('trades', 'Trades', trades[state] ?? 0, { state })),
    ...each(counts.events(), (event, n) =>
      counter('events_total', 'What happened since the start', n, { event }),
    ),
    gauge(
      'meter_keys_offered',
      'Meters whose new signing key waits for the keeper',
      books.meters.keyOffers().length,
    ),
    gauge('deeds_waiting', 'Deeds that the outbox has to do', books.deeds.waiting()),
    ...load
      .deeds(clock.now())
      .flatMap(({ kind, count, overdueMs }) => [
        gauge('deeds', 'Deeds of a kind', count, { kind }),
        gauge('deed_overdue_seconds', 'How long the oldest is due', overdueMs / 1_000, { kind }),
      ]),
    gauge('inbox_unread', 'Messages from M-Pesa that wait to be read', load.unread()),
    counter('books_transactions_total', 'Transactions of the books', commits.count),
    counter('books_transaction_seconds_total', 'Time that they took', commits.seconds),
    gauge(
      'books_transaction_worst_seconds',
      'The longest since the last look',
      commits.worstSeconds(),
    ),
    ...each(counts.troubles(), (cause, n) =>
      counter('troubles_total', 'Steps and deeds that failed', n, { cause }),
    ),
    gauge(
      'alarms',
      'Differences of money that a person must look at',
      books.watch.alarms(alarmsMost).length,
    ),
    gauge('trial_balance_cents', 'Sum of all money accounts', audit.trialBalance('cents')),
    gauge('trial_balance_wh', 'Sum of all energy accounts', audit.trialBalance('Wh')),
  ];
}

const alarmsMost = 100;

function outsideFigures({ needs: { money, chain }, counts, heights }: FigureNeeds): Figure[] {
  const ok = ['ok', 'unknown'];
  return [
    gauge(
      'mpesa_up',
      'Whether M-Pesa answered the last call',
      ok.includes(money.health().state) ? 1 : 0,
    ),
    ...counts
      .answers()
      .map(({ call, meaning, n }) =>
        counter('mpesa_answers_total', 'What M-Pesa answered', n, { call, meaning }),
      ),
    gauge(
      'chain_up',
      'Whether the chain is as it should be',
      chain.health().state === 'ok' ? 1 : 0,
    ),
    ...each(heights.now(), (commitment, n) =>
      gauge('chain_slot', 'How far the chain has come', n, { commitment }),
    ),
  ];
}

function machineFigures({ dataDir }: FigureNeeds): Figure[] {
  const { freeBytes, sizeBytes, writtenBytes, files } = lookAtCard(dataDir);
  const most = openFilesMost();
  return [
    gauge('disk_free_bytes', 'Free under the data folder', freeBytes),
    gauge('disk_bytes', 'Size of the disk under the data folder', sizeBytes),
    ...(writtenBytes === undefined
      ? []
      : [counter('written_bytes_total', 'Sent to the disk since the start', writtenBytes)]),
    ...each(files, (part, n) => gauge('file_bytes', 'Size of a file of the hub', n, { part })),
    ...(most === undefined ? [] : [gauge('open_files_most', 'Files that the hub may open', most)]),
  ];
}

export type HubCounts = {
  readonly hear: (event: HubEvent) => void;
  readonly events: () => Readonly<Record<string, number>>;
  readonly troubled: (error: unknown) => void;
  readonly troubles: () => Readonly<Record<string, number>>;
  /** The same M-Pesa, with its answers counted. */
  readonly counted: <Money extends MobileMoney>(money: Money) => Money;
  readonly answers: () => readonly { call: string; meaning: string; n: number }[];
};

/** Calls of which the meaning of the answer is counted. */
const counted = [
  ...(['ring', 'askAboutPush', 'payOut', 'askAboutPayout', 'askAboutReceipt'] as const),
  ...(['reverse', 'askBalance', 'listPayments', 'registerForLists'] as const),
];

/** SQLite's words for what is wrong with a file (sqlite.org/rescode.html), in ours. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'locked'],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, 'disk-full'],
  [/^(SQLITE_(IOERR|CANTOPEN|READONLY|CORRUPT)|EIO|EROFS)/, 'disk-fails'],
  [/^E[MN]FILE/, 'no-files'],
];

export function causeOf(error: unknown): string {
  const code = String((error as { readonly code?: unknown } | undefined)?.code ?? '');
  return causes.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';
}

/** Words and how often they were said. */
function tally(known: readonly string[] = []) {
  const counts = new Map(known.map((word) => [word, 0]));
  return {
    add: (word: string) => void counts.set(word, (counts.get(word) ?? 0) + 1),
    all: () => Object.fromEntries(counts),
  };
}

/** Counts since the start, kept in memory: what must not be forgotten stands in the books. */
export function openCounts(): HubCounts {
  const [events, answers] = [tally(), tally()];
  const troubles = tally([...causes.map(([, cause]) => cause), 'other']);
  return {
    hear: ({ name }) => events.add(name),
    events: events.all,
    troubled: (error) => troubles.add(causeOf(error)),
    troubles: troubles.all,
    counted: (money) => {
      const calls = counted.map((call) => {
        const ask = money[call] as (question: unknown) => Promise<{ readonly kind: string }>;
        const counting = async (question: unknown) => {
          const answer = await ask(question);
          answers.add(`${call} ${answer.kind}`);
          return answer;
        };
        return [call, counting] as const;
      });
      return { ...money, ...Object.fromEntries(calls) };
    },
    answers: () =>
      Object.entries(answers.all()).map(([key, n]) => {
        const [call = '', meaning = ''] = key.split(' ');
        return { call, meaning, n };
      }),
  };
}
