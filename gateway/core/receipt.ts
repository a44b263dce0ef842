/** What a household can hold up against the hub: its trade, its place in the day's tree, and where the root stands. */
import type { TokenIntentId, TradeId } from './ids.ts';
import { type Hash, hashLeaf, rootFrom } from './merkle.ts';
import { dayMs, startOfDay } from './slot.ts';

import type { Trade } from './trade.ts';
import type { EpochMs } from './units.ts';

/** Trades in one day's tree; what is beyond joins the next. */
export const receiptsMost = 10_000;
/** The first moment after midnight at which yesterday's tree is closed; late answers of the chain have come by then. */
export const closeReceiptsAtMs = 3_600_000;

/** Nothing in it names a person: owners are the public addresses that the transfer shows anyway. */
export type Receipt = {
  readonly version: 1;
  readonly trade: TradeId;
  /** base58 addresses that own the tokens. */
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: number;
  readonly priceCentsPerKwh: number;
  readonly amountCents: number;
  /** ISO 8601, UTC. */
  readonly matchedAt: string;
  readonly settledAt: string;
  /** base58; the transfer, whose memo is the trade's id. */
  readonly signature: string;
  /** Random, so that nobody guesses a neighbour's receipt from its hash in a path. */
  readonly salt: string;
};

/** A day's tree and the note that carries its root. */
export type ReceiptDay = {
  /** Such as 2026-06-15, of the neighbourhood. */
  readonly day: string;
  /** Names the note's marker. */
  readonly id: TokenIntentId;
  readonly leaves: number;
  /** 64 hex digits. */
  readonly root: string;
  readonly state: 'open' | 'done' | 'review';
  readonly signature: string | undefined;
};

export type ReceiptFile = {
  readonly kind: 'jirani-receipt';
  readonly version: 1;
  readonly receipt: Receipt;
  readonly tree: {
    readonly day: string;
    readonly index: number;
    readonly size: number;
    /** 64 hex digits each, the nearest first. */
    readonly path: readonly string[];
    readonly root: string;
  };
  readonly chain: {
    readonly genesisHash: string;
    /** base58; who pays for and signs the memo. */
    readonly hub: string;
    readonly memo: string;
    /** base58; null before the memo is final. */
    readonly memoSignature: string | null;
  };
};

export const receiptOf = (
  trade: Trade & { readonly signature: string },
  about: Pick<Receipt, 'seller' | 'buyer' | 'salt'> & { readonly settledAt: EpochMs },
): Receipt => ({
  version: 1,
  trade: trade.id,
  seller: about.seller,
  buyer: about.buyer,
  energyWh: trade.energyWh,
  priceCentsPerKwh: trade.rate,
  amountCents: trade.amountCents,
  matchedAt: new Date(trade.createdAt).toISOString(),
  settledAt: new Date(about.settledAt).toISOString(),
  signature: trade.signature,
  salt: about.salt,
});

/** Names in alphabetical order and no spaces (RFC 8785): all values are integers or plain ASCII. */
export const canonical = (receipt: Receipt): string =>
  JSON.stringify(Object.fromEntries(Object.entries(receipt).sort(([a], [b]) => (a < b ? -1 : 1))));

export const leafOf = (hash: Hash, text: string): Uint8Array =>
  hashLeaf(hash, new TextEncoder().encode(text));

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** What stands on the chain. It names a day and a number of trades, and nobody. */
export const rootMemo = ({ day, leaves, root }: Pick<ReceiptDay, 'day' | 'leaves' | 'root'>) =>
  `jirani:receipts:1:${day}:${leaves}:${root}`;

/** The neighbourhood's day that ended last before `at`, and its end. */
export function dayBefore(at: EpochMs): { readonly day: string; readonly end: EpochMs } {
  const end = startOfDay(at);
  // Noon of East Africa Time is the same date in UTC.
  return { day: new Date(end - dayMs / 2).toISOString().slice(0, 10), end };
}

/** What is wrong with a file, from the file alone; empty when leaf, path, root and memo agree. */
export function faultsOf(hash: Hash, { receipt, tree, chain }: ReceiptFile): string[] {
  const leaf = leafOf(hash, canonical(receipt));
  const root = rootFrom(hash, leaf, tree, tree.path.map(bytesOf));
  const memo = rootMemo({ day: tree.day, leaves: tree.size, root: tree.root });
  return [
    ...(root !== undefined && hexOf(root) === tree.root
      ? []
      : ['the receipt and its path do not lead to the root']),
    ...(memo === chain.memo ? [] : ['the memo does not name this day, number of trades and root']),
  ];
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
