/** Pauses: why payouts wait. The newest row of a cause and a household counts. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import type { Pause, PauseCause } from '../../core/pause.ts';
import { epochMs } from '../../core/units.ts';
import type { PauseBooks } from '../../ports/books/pauses.ts';
import { deedWriter } from './postings.ts';

type PauseRow = {
  cause: PauseCause;
  household: string | null;
  why: string;
  at_ms: number;
  until_ms: number | null;
};

const toPause = (row: PauseRow): Pause => ({
  cause: row.cause,
  household: (row.household ?? undefined) as HouseholdId | undefined,
  why: row.why,
  since: epochMs(row.at_ms),
  until: row.until_ms === null ? undefined : epochMs(row.until_ms),
});

/** The newest rows that say 'paused' and have not ended by themselves. */
const holding = `SELECT * FROM payout_pause p WHERE event = 'paused' AND (until_ms IS NULL OR until_ms > ?)
  AND id = (SELECT max(id) FROM payout_pause WHERE cause = p.cause AND household IS p.household)`;

/** Begins a pause inside the caller's transaction; false when its cause holds already. */
export function pauseWriter(db: Database) {
  const held = db.prepare<[number, string, string | null]>(
    `${holding} AND cause = ? AND household IS ?`,
  );
  const insert = db.prepare(
    `INSERT INTO payout_pause (cause, household, event, why, at_ms, until_ms)
     VALUES (?, ?, 'paused', ?, ?, ?)`,
  );
  return ({ cause, household, why, since, until }: Pause): boolean => {
    if (held.get(since, cause, household ?? null) !== undefined) return false;
    insert.run(cause, household ?? null, why, since, until ?? null);
    return true;
  };
}

/** The pauses of books.db. */
export function pauseBooks(db: Database): PauseBooks {
  const begin = pauseWriter(db);
  const all = db.prepare<[number], PauseRow>(`${holding} ORDER BY id`);
  const some = db.prepare<[number, string], PauseRow>(
    `${holding} AND (household IS NULL OR household = ?) ORDER BY id`,
  );
  const fault = db.prepare<[number], PauseRow>(`${holding} AND cause = 'credential'`);
  const pause = db.transaction((one: Pause) => begin(one));
  return {
    holding: (now, household) =>
      (household === undefined ? all.all(now) : some.all(now, household)).map(toPause),
    credentialFault: (now) => {
      const row = fault.get(now);
      return row && toPause(row);
    },
    pause: (one) => pause.immediate(one),
    resume: resuming(db),
  };
}

function resuming(db: Database): PauseBooks['resume'] {
  const deeds = deedWriter(db);
  const held = db.prepare<[number, string, string | null]>(
    `${holding} AND cause = ? AND household IS ?`,
  );
  const insert = db.prepare(
    `INSERT INTO payout_pause (cause, household, event, why, at_ms) VALUES (?, ?, 'resumed', ?, ?)`,
  );
  // The deed that waits is brought forward; none is made that was not there.
  const wake = db.prepare(
    `UPDATE deed SET due_ms = min(due_ms, ?) WHERE kind IN ('pay-out', 'ask-about-payout')
     AND subject IN (SELECT id FROM payout WHERE ? IS NULL OR household = ?)`,
  );
  const reversals = db.prepare<[], { id: string; state: string }>(
    "SELECT id, state FROM reversal WHERE state IN ('intent', 'unknown', 'pending')",
  );
  const resume = db.transaction(
    (cause: PauseCause, household: string | null, why: string, at: number) => {
      if (held.get(at, cause, household) === undefined) return false;
      insert.run(cause, household, why, at);
      wake.run(at, household, household);
      if (cause !== 'credential') return true;
      for (const { id, state } of reversals.all())
        deeds.put(state === 'intent' ? 'reverse' : 'ask-about-reversal', id, at);
      return true;
    },
  );
  return (cause, household, why, at) => resume.immediate(cause, household ?? null, why, at);
}
