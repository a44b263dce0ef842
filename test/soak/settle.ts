/** The quiet time after the storm: the market is closed, and everything under way comes to its end. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import type { Payment } from '../../gateway/simulators/daraja/till.ts';
import { lookIntoBooks, type Witness } from './evidence.ts';
import { decideReviews, enterLostPayments } from './keeper.ts';
import type { Stage } from './stage.ts';

const lookEveryMs = 500;
/** The keeper compares with M-Pesa so often, machine ms. */
const compareEveryMs = 5_000;

/** One row for each thing that waits. */
const waitingSql = `
  SELECT 'top-up ' || id || ' is ' || state || ': ' || detail AS what FROM topup
    WHERE state IN ('intent', 'unknown', 'pending', 'conflict', 'review')
  UNION ALL SELECT 'payout ' || id || ' is ' || state || ': ' || detail FROM payout
    WHERE state IN ('intent', 'unknown', 'pending', 'review')
  UNION ALL SELECT 'reversal ' || id || ' is ' || state FROM reversal
    WHERE state IN ('intent', 'unknown', 'pending', 'review')
  UNION ALL SELECT 'trade ' || id || ' is ' || state || ', topup ' || coalesce(topup, '-') FROM trade
    WHERE state NOT IN ('settled', 'closed', 'expired', 'undone')
  UNION ALL SELECT 'tokens ' || id || ' are ' || state FROM token_intent WHERE state IN ('open', 'review')
  UNION ALL SELECT 'a callback is not read' FROM inbox WHERE read_as IS NULL
  UNION ALL SELECT meter || ' is counted up to slot ' || counted_slot || ' of ' || (SELECT max(number) FROM slot)
    FROM registration WHERE place = 'grid' AND counted_slot < (SELECT max(number) FROM slot) - 3
  UNION ALL SELECT id || ' holds ' || balance FROM account WHERE id GLOB 'earnings:*' AND balance >= 1000`;

export type Rest = {
  readonly machineMs: number;
  /** What still waits when the patience is over. */
  readonly waiting: readonly string[];
  /** What the hub left to a person, who decided it. */
  readonly decided: number;
};

/** The hub is started once more, between two lives its market is closed. */
export async function closeMarket(stage: Stage): Promise<void> {
  await stage.gateway.end();
  using books = openBooks(join(stage.card.folder, 'books.db'));
  books.settings.change('marketOpen', 0, stage.clock.now());
  books[Symbol.dispose]();
  await stage.gateway.start();
}

/** Waits at most so long, machine ms. Rejects when it is told to end. */
export async function comeToRest(
  stage: Stage,
  mostMs: number,
  signal?: AbortSignal,
): Promise<Rest> {
  const began = performance.now();
  let [comparedAt, decided] = [Number.NEGATIVE_INFINITY, 0];
  for (;;) {
    signal?.throwIfAborted();
    const lost = await notCredited(stage);
    const waiting = [
      ...whatWaits(stage),
      ...lost.map(({ receipt }) => `payment ${receipt} is credited nowhere`),
    ];
    const machineMs = performance.now() - began;
    if (waiting.length === 0 || machineMs > mostMs) return { machineMs, waiting, decided };
    if (performance.now() - comparedAt > compareEveryMs) {
      comparedAt = performance.now();
      // Refused while M-Pesa is away; the next look is in a moment.
      await stage.askHub('/api/money/reconcile', {}).catch(() => {});
      decided += await decideReviews(stage);
      decided += await enterLostPayments(stage, lost);
    }
    await sleep(lookEveryMs);
  }
}

function whatWaits(stage: Stage): string[] {
  using books = lookIntoBooks(stage.card.folder);
  return books.rows<{ what: string }>(waitingSql).map(({ what }) => what);
}

async function notCredited(stage: Stage): Promise<Payment[]> {
  const { payments } = await stage.world.ask<Witness>('witness');
  using books = lookIntoBooks(stage.card.folder);
  const known = new Set(
    books
      .rows<{ receipt: string }>(
        "SELECT receipt FROM topup WHERE state = 'credited' UNION SELECT receipt FROM payment",
      )
      .map(({ receipt }) => receipt),
  );
  return payments.filter(({ receipt }) => !known.has(receipt));
}
