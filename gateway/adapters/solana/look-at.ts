/** What one household's wallet holds and allows. */
import type { PublicKey } from '@solana/web3.js';
import type { WalletLook } from '../../core/own-wallet.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { wattHours } from '../../core/units.ts';
import type { Nodes } from './connection.ts';
import { type Holding, readWallets } from './wallets.ts';

/** An owner may allow any number; more than a neighbourhood can ever hold is as good as all. */
const allowanceShownMaxWh = 1_000_000_000_000n;

/**
 * Confirmed, by all nodes: of what they say of the allowance the least counts, so that a revocation that one of them
 * knows of stops a trade. A wallet without a token account holds nothing and allows nothing.
 */
export async function lookAt(
  nodes: Nodes,
  hub: PublicKey,
  tokenAccount: PublicKey,
): Promise<Result<WalletLook, 'unreachable'>> {
  const { answers, silent } = await nodes.askAll(async (connection) => {
    const [wallet] = await readWallets(connection, [tokenAccount]);
    return lookOf(wallet?.seen, hub);
  });
  const [first, ...others] = answers;
  if (first === undefined) return fail('unreachable');
  const least = others.reduce((a, b) => (b.allowanceWh < a.allowanceWh ? b : a), first);
  const isAgreed = silent === 0 && others.every(({ balanceWh }) => balanceWh === first.balanceWh);
  return ok({ ...least, ...(isAgreed ? {} : { disputed: true as const }) });
}

function lookOf(seen: Holding | undefined, hub: PublicKey): WalletLook {
  const isOurs = seen?.delegate?.equals(hub) === true;
  const allowance = isOurs ? seen.allowanceWh : 0n;
  const shown = allowance > allowanceShownMaxWh ? allowanceShownMaxWh : allowance;
  return {
    balanceWh: wattHours(Number(seen?.amountWh ?? 0n)),
    allowanceWh: wattHours(Number(shown)),
    delegate: isOurs ? 'hub' : seen?.delegate == null ? 'none' : 'other',
  };
}
