/** The counter for wallets whose keys households have. */
import type { Result } from '../core/result.ts';
import type { Problem } from './desk.ts';

export type OwnWalletView = {
  readonly household: string;
  /** base58; the hub's for the household unless `own`. */
  readonly address: string;
  readonly own: boolean;
  /** ISO 8601; null before the first look, and where the hub keeps the key. */
  readonly seenAt: string | null;
  readonly balanceWh: number;
  readonly allowanceWh: number;
  readonly leftWh: number;
  /** Why nothing is offered; null when all is well. */
  readonly obstacle: string | null;
};

/** What Solana Pay's transaction requests answer. */
export type ApprovalRequest = { readonly transaction: string; readonly message: string };

export interface WalletDesk {
  wallet(household: string): Result<OwnWalletView, Problem>;
  bring(household: string, address: string): Result<OwnWalletView, Problem>;
  /** A `solana:` link for a phone wallet; `at` is where the phone reaches the hub, over https. */
  approvalLink(household: string, kwh: number, at: string): Result<{ link: string }, Problem>;
  /** For whoever has such a link: `account` is who wants to sign. */
  approval(ticket: string, account: string): Promise<Result<ApprovalRequest, Problem>>;
}
