/** Compares what the chain holds with what the books say, household by household. */
import type { HouseholdId } from './ids.ts';

/** All in Wh, as the books have them; a move that is not final counts as queued. */
export type BookedTokens = {
  readonly household: HouseholdId;
  /** Lives at `energy`, `bought` and `reserved`: what the chain, with the queue, must come to. */
  readonly heldWh: number;
  readonly exportedWh: number;
  /** What was used or has expired, and so must not be on the chain for long. */
  readonly goneWh: number;
  /** Minted and burned by moves that are final. */
  readonly mintedWh: number;
  readonly burnedWh: number;
  /** Of moves whose energy has already changed hands in the books: what comes less what goes. */
  readonly queuedWh: number;
};

export type TokenCheck = {
  readonly household: HouseholdId;
  readonly onChainWh: number;
  /** Metered, and not yet needed on the chain. */
  readonly unmintedWh: number;
  /** Used or expired, and burned some night soon. */
  readonly unburnedWh: number;
  readonly queuedWh: number;
  readonly heldWh: number;
  /** What the chain and the queue have too much, or, below 0, lack. */
  readonly differenceWh: number;
};

/** On-chain balance + queue = energy + bought + reserved (domain.md, section 4). */
export function checkTokens(booked: BookedTokens, onChainWh: number): TokenCheck {
  const unmintedWh = booked.exportedWh - booked.mintedWh;
  const unburnedWh = booked.goneWh - booked.burnedWh;
  const { household, heldWh, queuedWh } = booked;
  const differenceWh = onChainWh + unmintedWh - unburnedWh + queuedWh - heldWh;
  return { household, onChainWh, unmintedWh, unburnedWh, queuedWh, heldWh, differenceWh };
}
