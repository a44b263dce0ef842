/** What books that were put back from a backup still have to learn of the time since. */
import type { EpochMs } from '../../core/units.ts';

export interface RestoredBooks {
  /** Payouts and reversals begun before this moment that are on their way and about which nothing was answered since. */
  unanswered(before: EpochMs): number;
  /** Trades made before this moment whose tokens have not moved for certain. */
  intentsOpen(before: EpochMs): number;
}
