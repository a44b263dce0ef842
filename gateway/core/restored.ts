/** Books that were put back from a backup do not know what happened since: when payouts may go on again. */
import type { EpochMs } from './units.ts';

/** The reason that a restore gives for the pause of all payouts. */
export const restoredPause = 'restored from a backup';

export type RestoredFacts = {
  readonly restoredAt: EpochMs;
  /** When M-Pesa's list was last read to its end. */
  readonly comparedAt: EpochMs | undefined;
  /** Payouts and reversals of before the restore about which M-Pesa has said nothing since. */
  readonly unanswered: number;
  /** Token intents of before the restore that the chain has not ended. */
  readonly intentsOpen: number;
  /** The newest answer about the balance. */
  readonly balance:
    | { readonly askedAt: EpochMs; readonly offCents: number | undefined }
    | undefined;
};

/** What still stands against paying out, in sentences; empty when a person may resume. */
export function whatRestoreLacks(facts: RestoredFacts): string[] {
  const { restoredAt, comparedAt, unanswered, intentsOpen } = facts;
  const lacks: string[] = [];
  if (comparedAt === undefined || comparedAt < restoredAt)
    lacks.push('M-Pesa’s list was not read to its end since');
  if (unanswered > 0) lacks.push(`M-Pesa has not answered about ${unanswered} payouts`);
  if (intentsOpen > 0) lacks.push(`the chain has not ended ${intentsOpen} transfers of before`);
  const balance = balanceLack(facts);
  return balance === undefined ? lacks : [...lacks, balance];
}

/** Money that left since is in no book: only the balance tells of it. */
function balanceLack({ restoredAt, balance }: RestoredFacts): string | undefined {
  if (balance?.offCents === undefined || balance.askedAt < restoredAt)
    return 'M-Pesa’s balance was not compared since';
  const { offCents } = balance;
  if (offCents === 0) return undefined;
  const much = `KES ${(Math.abs(offCents) / 100).toFixed(2)} ${offCents > 0 ? 'more' : 'less'}`;
  return `M-Pesa’s utility account has ${much} than the books explain: find it on the portal, then scripts/hub pay accept-balance`;
}
