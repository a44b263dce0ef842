/** Energy that is given away. */
import type { Gift } from '../../core/gift.ts';
import type { Cover } from '../../core/ledger.ts';
import type { TokenIntent } from '../../core/token.ts';
import type { EpochMs } from '../../core/units.ts';

export interface GiftBooks {
  /** One write: the energy changes hands, covers the receiver's need, and its tokens are owed. False the second time. */
  give(gift: Gift, cover: Cover, intent: TokenIntent, at: EpochMs): boolean;
  /** Whether a gift of this id was given. */
  isGiven(id: string): boolean;
}
