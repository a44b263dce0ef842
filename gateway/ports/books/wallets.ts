/** Wallets whose keys households have, and what the hub last saw in them. */
import type { HouseholdId } from '../../core/ids.ts';
import type { OwnWallet, WalletChange, WalletLook } from '../../core/own-wallet.ts';
import type { Result } from '../../core/result.ts';
import type { EpochMs, WattHours } from '../../core/units.ts';

export type BringProblem = 'no-household' | 'address-taken' | 'tokens-there';

export interface WalletBooks {
  all(): OwnWallet[];
  /** Undefined where the hub keeps the key. */
  of(household: HouseholdId): OwnWallet | undefined;
  /**
   * From now on tokens go there. 'tokens-there': the wallet before still holds tokens, or a trade is on its way; after
   * the night's burn it may be empty. The same address again, such as that of a key that was handed out, may hold some.
   */
  bring(household: HouseholdId, address: string, at: EpochMs): Result<void, BringProblem>;
  /** Wh that moves which are not final take, or will take, out of the wallet. */
  owedWh(household: HouseholdId): WattHours;
  /** The same and what unpaid trades have reserved. */
  committedWh(household: HouseholdId): WattHours;
  /** Tokens that left and that no posting has made up for yet. */
  leftOwedWh(household: HouseholdId): number;
  /** Wh that were taken from households whose tokens left, less what came in again. */
  outsideWh(): number;
  /** Changes with every move that concerns the household; undefined while one is under way. */
  quietMark(household: HouseholdId): string | undefined;
  /** One write: the look, and what is posted for tokens that left or came in. */
  saw(
    household: HouseholdId,
    look: WalletLook,
    change: WalletChange | undefined,
    at: EpochMs,
  ): void;
}
