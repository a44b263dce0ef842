/** Opens Solana: the embedded ledger's process or a public cluster, by the same library. */
import { join } from 'node:path';
import { openTokenChain } from './adapters/solana/token-chain.ts';
import type { Config } from './config.ts';
import type { Log } from './ports/log.ts';
import type { TokenChain } from './ports/tokens.ts';

const againMs = 1_000;

/** The chain may be away for days: it is made ready in the background, and until then tokens wait. */
export async function openChain(config: Config, log: Log): Promise<TokenChain & AsyncDisposable> {
  const urls = config.SOLANA_RPC_URLS;
  if (urls === undefined) throw new Error('the chain has no address');
  const chain = await openTokenChain({
    cluster: config.SOLANA_CLUSTER,
    urls,
    keyDir: join(config.HUB_DATA_DIR, 'keys'),
    ...(config.SOLANA_MINT === undefined ? {} : { mint: config.SOLANA_MINT }),
  });
  const ending = Promise.withResolvers<void>();
  let ended = false;
  const preparing = (async () => {
    while (!ended) {
      const prepared = await chain.prepare();
      if (prepared.ok) return;
      if (prepared.error === 'wrong-chain')
        return log.error('this is not the chain that the hub knows');
      const pause = Promise.withResolvers<void>();
      const timer = setTimeout(pause.resolve, againMs);
      await Promise.race([pause.promise, ending.promise]);
      clearTimeout(timer);
    }
  })();
  return {
    ...chain,
    [Symbol.asyncDispose]: async () => {
      ended = true;
      ending.resolve();
      await preparing;
    },
  };
}
