/** Watches from outside which states things go through: none may go back, and a success stays one. */
import Database from 'better-sqlite3';

/** Where each state may lead, in one step or in many. `intent` comes back only when nothing left this machine. */
const lives: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  topup: {
    intent: ['unknown', 'failed', 'abandoned', 'closed'],
    unknown: ['intent', 'pending', 'credited', 'failed', 'conflict', 'review', 'closed'],
    pending: ['credited', 'failed', 'conflict', 'review', 'closed'],
    failed: ['credited', 'conflict', 'review', 'closed'],
    conflict: ['credited', 'failed', 'review', 'closed'],
    review: ['credited', 'failed', 'conflict', 'closed'],
    abandoned: ['credited', 'closed'],
    closed: ['credited'],
    credited: [],
  },
  payout: {
    intent: ['unknown', 'pending', 'failed', 'done', 'review'],
    unknown: ['intent', 'pending', 'done', 'failed', 'review'],
    pending: ['unknown', 'done', 'failed', 'review'],
    review: ['done', 'failed', 'pending', 'unknown'],
    failed: ['done'],
    done: [],
  },
  reversal: {
    intent: ['unknown', 'pending', 'failed', 'review'],
    unknown: ['intent', 'pending', 'reversed', 'failed', 'review'],
    pending: ['unknown', 'reversed', 'failed', 'review'],
    review: ['reversed', 'failed'],
    failed: ['reversed'],
    reversed: [],
  },
  trade: {
    matched: ['awaiting-funds', 'paid', 'expired'],
    'awaiting-funds': ['paid', 'expired'],
    paid: ['transferring', 'undone', 'review'],
    transferring: ['settled', 'undone', 'review'],
    review: ['settled', 'undone'],
    settled: ['closed'],
    ...{ closed: [], expired: [], undone: [] },
  },
};
type Kind = 'topup' | 'payout' | 'reversal' | 'trade';
type Row = { readonly kind: Kind; readonly id: string; readonly state: string };

export type Lives = {
  /** Moves since the last look that nobody may make, in words. */
  look(): string[];
  [Symbol.dispose](): void;
};

/** `file` is a books.db that somebody else writes. */
export function watchLives(file: string): Lives {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare<[], Row>(
    `SELECT 'topup' AS kind, id, state FROM topup UNION ALL SELECT 'payout', id, state FROM payout
     UNION ALL SELECT 'reversal', id, state FROM reversal
     UNION ALL SELECT 'trade', id, state FROM trade`,
  );
  const known = new Map<string, string>();
  return {
    look: () =>
      rows.all().flatMap(({ kind, id, state }) => {
        const before = known.get(id);
        known.set(id, state);
        if (before === undefined || before === state) return [];
        return reachable(kind, before).has(state)
          ? []
          : [`${kind} went from ${before} to ${state}`];
      }),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

function reachable(kind: Kind, from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...(lives[kind][from] ?? [])];
  for (const state of waiting) {
    if (found.has(state)) continue;
    found.add(state);
    waiting.push(...(lives[kind][state] ?? []));
  }
  return found;
}
