/** How a command reaches the chain, whether the hub runs or not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLocalLedger } from '../adapters/solana/embedded/server.ts';
import type { ChainReaderOptions } from '../adapters/solana/read-chain.ts';
import type { Config } from '../config.ts';
import { chainUrlFile } from '../open-chain.ts';

export type Way = Pick<ChainReaderOptions, 'urls' | 'fetch'> & AsyncDisposable;

/** The configured nodes; else the local ledger of the running hub; else its file, while nobody serves it. */
export async function wayToChain({
  SOLANA_RPC_URLS,
  SOLANA_CLUSTER,
  HUB_DATA_DIR,
}: Config): Promise<Way> {
  const nothing = { [Symbol.asyncDispose]: async () => {} };
  if (SOLANA_RPC_URLS !== undefined) return { urls: SOLANA_RPC_URLS, ...nothing };
  if (SOLANA_CLUSTER !== 'embedded') throw new Error('Set SOLANA_RPC_URLS.');
  const noted = join(HUB_DATA_DIR, chainUrlFile);
  const url = existsSync(noted) ? readFileSync(noted, 'utf8').trim() : undefined;
  if (url !== undefined && (await answers(url))) return { urls: [url], ...nothing };
  const file = join(HUB_DATA_DIR, 'ledger.db');
  if (!existsSync(file)) throw new Error(`No ledger in ${HUB_DATA_DIR}, and none answers.`);
  const ledger = openLocalLedger({ file });
  return {
    urls: ['http://ledger.invalid'],
    fetch: ledger.fetch,
    [Symbol.asyncDispose]: async () => ledger[Symbol.dispose](),
  };
}

const answers = async (url: string): Promise<boolean> =>
  fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
