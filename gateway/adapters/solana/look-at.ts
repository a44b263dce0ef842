/** What one household's wallet holds and allows. */
import type { PublicKey } from '@solana/web3.js';
import type { WalletLook } from '../../core/own-wallet.ts';
import { ok, type Result } from '../../core/result.ts';
import { wattHours } from '../../core/units.ts';
import type { Nodes } from './connection.ts';
import { readWallets } from './wallets.ts';

/** An owner may allow any number; more than a neighbourhood can ever hold is as good as all. */
const allowanceShownMaxWh = 1_000_000_000_000n;

/** Confirmed. A wallet without a token account holds nothing and allows nothing. */
export async function lookAt(
  nodes: Nodes,
  hub: PublicKey,
  tokenAccount: PublicKey,
): Promise<Result<WalletLook, 'unreachable'>> {
  const found = await nodes.ask((connection) => readWallets(connection, [tokenAccount]));
  if (!found.ok) return found;
  const seen = found.value[0]?.seen;
  const isOurs = seen?.delegate?.equals(hub) === true;
  const allowance = isOurs ? seen.allowanceWh : 0n;
  const delegate = isOurs ? 'hub' : seen?.delegate == null ? 'none' : 'other';
  return ok({
    balanceWh: wattHours(Number(seen?.amountWh ?? 0n)),
    allowanceWh: wattHours(
      Number(allowance > allowanceShownMaxWh ? allowanceShownMaxWh : allowance),
    ),
    delegate,
  });
}
