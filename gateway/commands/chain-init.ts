/** `chain init`: makes the mint on a public cluster, after saying what it costs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { refuseSecondHub } from '../adapters/lock/one-hub.ts';
import { openNodes } from '../adapters/solana/connection.ts';
import { type BeginningCost, beginningCost, lamportsPerSol } from '../adapters/solana/cost.ts';
import { openKeyring } from '../adapters/solana/keys.ts';
import { openTokenChain } from '../adapters/solana/token-chain.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import { chainPassphrase } from '../open-keys.ts';
import { configFrom, hubEnvironment } from './environment.ts';

const callDeadlineMs = 15_000;

/** Adds `chain init [--yes]`. */
export function chainInitCommand(chain: Command): void {
  chain
    .command('init')
    .description('make the mint on devnet or mainnet-beta; says first what it costs')
    .option('--yes', 'do not ask')
    .action(async ({ yes = false }: { yes?: boolean }) => {
      const config = configFrom(hubEnvironment());
      await init(config, yes);
    });
}

async function init(config: Config, yes: boolean): Promise<void> {
  const { SOLANA_CLUSTER, SOLANA_RPC_URLS: urls, HUB_DATA_DIR } = config;
  if (SOLANA_CLUSTER === 'embedded') {
    console.log('The local ledger makes its mint by itself and costs nothing. Nothing to do.');
    return;
  }
  if (urls === undefined) throw new Error('Set SOLANA_RPC_URLS.');
  mkdirSync(HUB_DATA_DIR, { recursive: true, mode: 0o700 });
  refuseSecondHub(join(HUB_DATA_DIR, 'hub.lock'));
  const cost = await askCost(config, urls);
  for (const line of costInWords(SOLANA_CLUSTER, cost)) console.log(line);
  if (cost.balanceLamports < cost.mintLamports)
    throw new Error(`The fee payer cannot pay for that: send SOL to ${cost.feePayer} first.`);
  if (yes || (await agreed())) await makeMint(config, urls);
}

async function askCost(config: Config, urls: readonly string[]): Promise<BeginningCost> {
  const keys = openKeyring(join(config.HUB_DATA_DIR, 'keys'), chainPassphrase(config));
  const nodes = openNodes({ urls, callDeadlineMs });
  const met = await nodes.meet(keys.facts()?.genesisHash);
  if (!met.ok) throw new Error(`The nodes of SOLANA_RPC_URLS are ${met.error}.`);
  const cost = await beginningCost(nodes, keys);
  if (!cost.ok) throw new Error('No node of SOLANA_RPC_URLS answers.');
  return cost.value;
}

async function makeMint(config: Config, urls: readonly string[]): Promise<void> {
  const { SOLANA_CLUSTER: cluster, HUB_DATA_DIR } = config;
  const passphrase = chainPassphrase(config);
  const keyDir = join(HUB_DATA_DIR, 'keys');
  const chain = await openTokenChain({
    ...{ cluster, urls, keyDir, mayCreateMint: true, callDeadlineMs },
    ...(config.SOLANA_MINT === undefined ? {} : { mint: config.SOLANA_MINT }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const prepared = await chain.prepare();
  if (!prepared.ok)
    throw new Error(`No mint was made: ${chain.health().detail || prepared.error}.`);
  using books = openBooks(join(HUB_DATA_DIR, 'books.db'));
  const { mint } = books.tokens.noteChain(prepared.value);
  if (mint !== prepared.value.mint)
    throw new Error(`The books in ${HUB_DATA_DIR} belong to the mint ${mint}.`);
  console.log(`The mint is ${mint}. Back up ${keyDir}: without it nobody can mint again.`);
}

const sol = (lamports: number): string => `${(lamports / lamportsPerSol).toFixed(6)} SOL`;

/** In the words of somebody who pays. */
export const costInWords = (cluster: string, cost: BeginningCost): string[] => [
  `On ${cluster} the fee payer ${cost.feePayer} has ${sol(cost.balanceLamports)}.`,
  `The mint costs ${sol(cost.mintLamports)}, once.`,
  `A household's first token costs ${sol(cost.accountLamports)}.`,
  `A trade costs ${sol(cost.feeLamports)} and borrows ${sol(cost.markerLamports)} for a night or two.`,
];

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('Nobody is here to ask: say --yes.');
  const line = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await line.question('Make the mint? [y/N] ')).trim());
  } finally {
    line.close();
  }
}
