/** `chain verify`: do the chain and the books tell the same? */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openChainReader } from '../adapters/solana/read-chain.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import type { ChainFacts } from '../ports/tokens.ts';
import { type ChainVerdict, verifyChain } from './chain-verdict.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { table } from './table.ts';
import { wayToChain } from './way-to-chain.ts';

const callDeadlineMs = 10_000;
const differencesExit = 1;

/** Adds `chain verify [--json]`. */
export function chainVerifyCommand(chain: Command): void {
  chain
    .command('verify')
    .description('compare what the chain holds with the books, household by household')
    .option('--json')
    .action(async ({ json }: { json?: boolean }) => {
      const config = configFrom(hubEnvironment());
      const { verdict, facts } = await verify(config);
      const document = { cluster: config.SOLANA_CLUSTER, ...facts, ...verdict };
      process.stdout.write(
        `${json ? JSON.stringify(document, null, 2) : inWords(document).join('\n')}\n`,
      );
      if (verdict.differences.length > 0) process.exitCode = differencesExit;
    });
}

/** Throws in words when it cannot be told. */
export async function verify(
  config: Config,
): Promise<{ verdict: ChainVerdict; facts: ChainFacts }> {
  const file = join(config.HUB_DATA_DIR, 'books.db');
  if (!existsSync(file)) throw new Error(`No books in ${config.HUB_DATA_DIR}. Set HUB_DATA_DIR.`);
  using books = openBooks(file);
  const facts = books.tokens.chain();
  if (facts === undefined)
    throw new Error('These books have never met a chain: start the hub once.');
  await using way = await wayToChain(config);
  const { genesisHash, mint } = facts;
  const chain = await openChainReader({ ...way, genesisHash, mint, callDeadlineMs });
  if (!chain.ok)
    throw new Error(
      chain.error === 'wrong-chain'
        ? 'The node serves another chain than the one in the books.'
        : `No node answers: ${way.urls.map(hostOf).join(', ')}.`,
    );
  const verdict = await verifyChain(chain.value, books.tokenAudit);
  if (verdict.ok) return { verdict: verdict.value, facts };
  throw new Error(
    verdict.error === 'restless'
      ? 'Tokens move faster than they can be counted: try again in a quiet moment.'
      : 'The chain went away while it was looked at.',
  );
}

/** A node's path may hold a key. */
const hostOf = (url: string): string => new URL(url).host;

function inWords({ cluster, mint, ...verdict }: ChainVerdict & ChainFacts & { cluster: string }) {
  const { households, differences, supplyWh, heldWh, movesSeen, movesForgotten } = verdict;
  const head = ['', 'on chain', 'not yet minted', 'to be burned', 'on its way', 'in the books', ''];
  return [
    `${cluster}, mint ${mint}: ${supplyWh} Wh in existence, ${heldWh} Wh with our households`,
    `${movesSeen} final moves are on the chain${movesForgotten > 0 ? `, ${movesForgotten} are older than the node remembers` : ''}`,
    ...table([
      head,
      ...households.map((one) => [
        ...[one.household, one.onChainWh, one.unmintedWh, -one.unburnedWh, one.queuedWh].map(
          String,
        ),
        ...[String(one.heldWh), one.differenceWh === 0 ? 'ok' : `${one.differenceWh} Wh`],
      ]),
    ]),
    ...(differences.length === 0
      ? ['Chain and books agree.']
      : differences.map(
          ({ what, expectedWh, foundWh }) =>
            `DIFFERENT: ${what}: ${expectedWh} Wh in the books, ${foundWh} Wh found`,
        )),
  ];
}
