/** What it costs to begin on a public cluster, as its node says today. */
import { ACCOUNT_SIZE, MINT_SIZE } from '@solana/spl-token';
import type { Result } from '../../core/result.ts';
import type { Nodes } from './connection.ts';
import type { Keyring } from './keys.ts';

/** solana.com/docs/core/fees: for each signature. */
const lamportsPerSignature = 5_000;
export const lamportsPerSol = 1_000_000_000;

export type BeginningCost = {
  /** Base58; whoever wants to fill the purse sends SOL here. */
  readonly feePayer: string;
  readonly balanceLamports: number;
  /** Once, and never back. */
  readonly mintLamports: number;
  /** For each household's first token. */
  readonly accountLamports: number;
  /** Lent to each trade, and brought home some nights later. */
  readonly markerLamports: number;
  /** For each trade of two known households, haste not counted. */
  readonly feeLamports: number;
};

export const beginningCost = (
  nodes: Nodes,
  keys: Pick<Keyring, 'hub'>,
): Promise<Result<BeginningCost, 'unreachable'>> =>
  nodes.ask(async (connection) => {
    const feePayer = keys.hub.publicKey;
    const rent = (bytes: number) => connection.getMinimumBalanceForRentExemption(bytes);
    const [balanceLamports, mintRent, accountLamports, markerLamports] = await Promise.all([
      connection.getBalance(feePayer, 'confirmed'),
      rent(MINT_SIZE),
      rent(ACCOUNT_SIZE),
      rent(0),
    ]);
    const mintLamports = mintRent + 2 * lamportsPerSignature;
    const feeLamports = 2 * lamportsPerSignature;
    return {
      ...{ feePayer: feePayer.toBase58(), balanceLamports, mintLamports, accountLamports },
      ...{ markerLamports, feeLamports },
    };
  });
