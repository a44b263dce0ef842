/** Gives a household's energy to another, or to the community's school, for nothing. */
import { coverOf } from '../core/energy.ts';
import { type Gift, type GiftProblem, mayGive } from '../core/gift.ts';
import type { HouseholdId, TokenIntentId } from '../core/ids.ts';
import { offerableWh } from '../core/own-wallet.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { communityHousehold } from '../core/settings.ts';
import { mintNeeded, type TokenIntent } from '../core/token.ts';
import { type WattHours, wattHours } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'gifts' | 'households' | 'wallets'>;
  clock: NeighbourhoodClock;
  ids: Ids;
};

export type GiftRequest = {
  readonly from: HouseholdId;
  /** Undefined: the community's school or clinic. */
  readonly to: HouseholdId | undefined;
  readonly energyWh: number;
  /** Asked for twice under one key it is given once; undefined gives each time. */
  readonly idempotencyKey: string | undefined;
};

/** One write; the outbox moves the tokens. Bought energy stays with who bought it. */
export function giveEnergyAway(
  needs: Needs,
  { from, to = communityHousehold, energyWh, idempotencyKey }: GiftRequest,
): Result<Gift, GiftProblem> {
  const { books, clock, ids } = needs;
  if (from === to) return fail({ kind: 'to-itself' });
  if ([from, to].some((id) => books.households.find(id) === undefined))
    return fail({ kind: 'unknown-household' });
  const id = idempotencyKey === undefined ? ids.fresh() : `${from}:${idempotencyKey}`;
  if (books.gifts.isGiven(id)) return ok({ id, from, to, energyWh: wattHours(energyWh) });
  const allowed = mayGive(energyWh, freeWh(needs, from));
  if (!allowed.ok) return allowed;
  const gift = { id, from, to, energyWh: allowed.value };
  const before = books.energy.balanceOf(to);
  const cover = coverOf({ ...before, boughtWh: wattHours(before.boughtWh + gift.energyWh) });
  books.gifts.give(gift, cover, intentFor(gift, needs), clock.now());
  return ok(gift);
}

/** Of an own wallet only what its owner lets the hub move. */
function freeWh({ books }: Needs, from: HouseholdId): WattHours {
  const { energyWh } = books.energy.balanceOf(from);
  const wallet = books.wallets.of(from);
  const movable = wallet && offerableWh(wallet, books.wallets.committedWh(from));
  return wattHours(Math.min(energyWh, movable ?? energyWh));
}

const intentFor = ({ id, from, to, energyWh }: Gift, { books, ids }: Needs): TokenIntent => ({
  id: ids.fresh() as TokenIntentId,
  kind: 'transfer',
  trade: undefined,
  reference: `gift:${id}`,
  ...{ from, to, energyWh },
  mintWh: mintNeeded(energyWh, books.energy.onChainWh(from)),
  memo: ids.fresh(),
  state: 'open',
  signature: undefined,
});
