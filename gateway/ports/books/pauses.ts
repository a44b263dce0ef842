/** Why payouts wait. Rows are only added; the newest of a cause counts. */
import type { HouseholdId } from '../../core/ids.ts';
import type { Pause, PauseCause } from '../../core/pause.ts';
import type { EpochMs } from '../../core/units.ts';

export interface PauseBooks {
  /** What holds at this moment: everything, or only what holds this household's payouts. */
  holding(now: EpochMs, household?: HouseholdId): Pause[];
  /**
   * M-Pesa refused the hub's own name: until a person resumes, nothing that needs the initiator (payout,
   * status, reversal, balance) may be sent, because another try may lock it.
   */
  credentialFault(now: EpochMs): Pause | undefined;
  /** False when this cause holds already: nothing is written. */
  pause(pause: Pause): boolean;
  /**
   * Ends a pause; what it held is due at once, and is asked about first where M-Pesa may have it.
   * `household` undefined: everybody's. False when it does not hold.
   */
  resume(cause: PauseCause, household: HouseholdId | undefined, why: string, at: EpochMs): boolean;
}
