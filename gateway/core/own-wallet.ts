/** A wallet whose key the household has: the hub may move what the owner allows, and nothing else. */
import { scaledDeadline } from './deadline.ts';
import type { HouseholdId } from './ids.ts';
import type { Cover } from './ledger.ts';
import { type EpochMs, type WattHours, wattHours } from './units.ts';

/** What the chain says of it. */
export type WalletLook = {
  readonly balanceWh: WattHours;
  /** What the hub may move; 0 when somebody else, or nobody, is the delegate. */
  readonly allowanceWh: WattHours;
  readonly delegate: 'hub' | 'other' | 'none';
  /** The nodes say different things, or not all say anything: no word then on what left or came in. */
  readonly disputed?: true;
};

export type OwnWallet = {
  readonly household: HouseholdId;
  /** base58 */
  readonly address: string;
  readonly from: EpochMs;
  /** Undefined before the first look. */
  readonly seen: (WalletLook & { readonly at: EpochMs }) | undefined;
  /** Tokens that the owner ever moved off. */
  readonly leftWh: WattHours;
};

/** How long a look may be relied on before money moves; neighbourhood and machine ms. */
const [freshMs, freshFloorMs] = [15_000, 3_000];

export type Movable =
  | { readonly kind: 'yes' }
  /** The chain must be looked at first. */
  | { readonly kind: 'look' }
  | { readonly kind: 'no'; readonly why: string };

/**
 * Whether the hub may move this much now. `owedWh` is what it already owes to move: a move that has just landed may
 * be counted there and be gone from the allowance too, so with something owed a "no" is only "look again".
 */
export function mayMove(
  wallet: OwnWallet | undefined,
  energyWh: WattHours,
  owedWh: WattHours,
  { now, speed }: { readonly now: EpochMs; readonly speed: number },
): Movable {
  if (wallet === undefined) return { kind: 'yes' };
  const { seen } = wallet;
  if (seen === undefined || scaledDeadline(seen.at, speed, freshMs, freshFloorMs) <= now)
    return { kind: 'look' };
  if (seen.allowanceWh >= energyWh + owedWh) return { kind: 'yes' };
  if (seen.allowanceWh >= energyWh && owedWh > 0) return { kind: 'look' };
  return { kind: 'no', why: whyNot(seen) };
}

/** What may be put on offer, by the last look; undefined where the hub keeps the key. */
export const offerableWh = (
  wallet: OwnWallet | undefined,
  committedWh: number,
): WattHours | undefined =>
  wallet && wattHours(Math.max(0, (wallet.seen?.allowanceWh ?? 0) - committedWh));

/** A sentence for the household; undefined when the hub has some allowance. */
export function obstacleOf({ seen }: OwnWallet): string | undefined {
  return seen !== undefined && seen.delegate === 'hub' && seen.allowanceWh > 0
    ? undefined
    : whyNot(seen);
}

function whyNot(seen: OwnWallet['seen']): string {
  if (seen === undefined) return 'the wallet was not looked at yet';
  if (seen.delegate === 'other') return 'the wallet allows somebody else, and no longer the hub';
  if (seen.delegate === 'none') return 'the wallet does not allow the hub to move tokens';
  return `the wallet allows only ${seen.allowanceWh} Wh more`;
}

/** How a wallet differs from what must be there, and what the books make of it. */
export type WalletChange = {
  /** Tokens that are missing and were not missing before. */
  readonly goneWh: WattHours;
  /** Tokens that left, were not yet made up for, and came home. */
  readonly backWh: WattHours;
  /** Other tokens that came in: they are the household's, as if it had bought them. */
  readonly arrivedWh: WattHours;
  /** What is taken from the household for what is gone, first what it bought. */
  readonly taken: Cover;
};

/**
 * Compares a balance with what must be there. What the household's energy does not make up for stays owed and is
 * taken later: tokens that left cover no import. No more can come in than was taken from somebody for leaving
 * (`outsideWh`): anything beyond that nobody has metered, so it stays out of the books and `chain verify` names it.
 */
export function changeOf(
  expectedWh: number,
  { balanceWh }: Pick<WalletLook, 'balanceWh'>,
  has: {
    readonly energyWh: WattHours;
    readonly boughtWh: WattHours;
    readonly owedWh: number;
    readonly outsideWh: number;
  },
): WalletChange {
  const goneWh = wattHours(Math.max(0, expectedWh - balanceWh));
  const cameWh = Math.max(0, balanceWh - expectedWh);
  const backWh = wattHours(Math.min(cameWh, has.owedWh));
  const arrivedWh = wattHours(Math.min(cameWh - backWh, has.outsideWh));
  const owed = has.owedWh + goneWh - backWh;
  const boughtWh = wattHours(Math.min(owed, has.boughtWh));
  const ownWh = wattHours(Math.min(owed - boughtWh, has.energyWh));
  return { goneWh, backWh, arrivedWh, taken: { boughtWh, ownWh } };
}
