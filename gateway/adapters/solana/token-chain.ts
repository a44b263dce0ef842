/** The hub's hands on Solana: a public cluster, or the ledger of its own. */
import type { PublicKey } from '@solana/web3.js';
import { fail, ok } from '../../core/result.ts';
import { wattHours } from '../../core/units.ts';
import type { TokenChain } from '../../ports/tokens.ts';
import { type Nodes, openNodes } from './connection.ts';
import { openKeyring } from './keys.ts';
import { statusOf, winnerOf } from './look-up.ts';
import { type Cluster, type Prepared, prepareChain } from './prepare.ts';
import { sendRaw } from './send-raw.ts';
import { signMove } from './sign-move.ts';
import { accountsPerQuestion, openWalletAddresses, readWallets } from './wallets.ts';

const callDeadlineDefaultMs = 5_000;
const urlsMax = 5;
/** Micro-lamports for a compute unit: nobody competes on the local ledger. */
const prices: Readonly<Record<Cluster, number>> = {
  embedded: 0,
  devnet: 1_000,
  'mainnet-beta': 10_000,
};
const unreachable = fail('unreachable' as const);

export type TokenChainOptions = {
  readonly cluster: Cluster;
  /** Nodes of one cluster, the preferred one first; 1 to 5. */
  readonly urls: readonly string[];
  /** The folder of the keys, 0700; made with fresh keys when absent. */
  readonly keyDir: string;
  /** The address of a mint whose authority is in `keyDir`; without it the hub makes its own. */
  readonly mint?: string;
  readonly callDeadlineMs?: number;
  readonly priceMicroLamports?: number;
  /** Stands in for the network. */
  readonly fetch?: typeof fetch;
};

/**
 * Opens no socket and no timer; `prepare` must succeed before anything but `health` answers. Throws when a
 * key is missing, damaged or open to others.
 */
export async function openTokenChain(options: TokenChainOptions): Promise<TokenChain> {
  const { cluster, urls, callDeadlineMs = callDeadlineDefaultMs } = options;
  if (urls.length === 0 || urls.length > urlsMax) throw new Error(`give 1 to ${urlsMax} node URLs`);
  const keys = openKeyring(options.keyDir);
  const nodes = openNodes({
    urls,
    callDeadlineMs,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  const walletOf = openWalletAddresses(keys);
  const priceMicroLamports = options.priceMicroLamports ?? prices[cluster];
  let prepared: Prepared | undefined;
  let wrongChain = false;

  return {
    async prepare() {
      const answer = await prepareChain({
        nodes,
        keys,
        cluster,
        givenMint: options.mint,
        priceMicroLamports,
      });
      prepared = answer.ok ? answer.value : undefined;
      wrongChain = !answer.ok && answer.error === 'wrong-chain';
      return answer.ok ? ok(undefined) : answer;
    },
    async sign(move) {
      if (prepared === undefined) return unreachable;
      return signMove({ nodes, keys, walletOf, mint: prepared.mint, priceMicroLamports }, move);
    },
    async send({ raw }) {
      if (prepared !== undefined) await nodes.ask((connection) => sendRaw(connection, raw));
    },
    async finalizedHeight() {
      if (prepared === undefined) return unreachable;
      return nodes.ask((connection) => connection.getBlockHeight('finalized'));
    },
    async statusOf(move, signature) {
      return prepared === undefined ? unreachable : statusOf({ nodes, keys }, move, signature);
    },
    async winnerOf(move) {
      return prepared === undefined ? unreachable : winnerOf({ nodes, keys }, move);
    },
    async supply(households) {
      const mint = prepared?.mint;
      if (mint === undefined) return unreachable;
      return supplyOf(
        nodes,
        mint,
        households.map((household) => walletOf(household, mint)),
      );
    },
    health: () => ({
      cluster,
      state: wrongChain ? 'wrong-chain' : nodes.state(),
      detail: wrongChain ? wrongChainDetail : (prepared?.detail ?? ''),
    }),
  };
}

const wrongChainDetail =
  'the node serves another chain or mint than the one these keys have worked with';

async function supplyOf(nodes: Nodes, mint: PublicKey, tokenAccounts: readonly PublicKey[]) {
  return nodes.ask(async (connection) => {
    const supply = await connection.getTokenSupply(mint, 'confirmed');
    let heldWh = 0n;
    for (let start = 0; start < tokenAccounts.length; start += accountsPerQuestion) {
      const page = tokenAccounts.slice(start, start + accountsPerQuestion);
      for (const { seen } of await readWallets(connection, page)) heldWh += seen?.amountWh ?? 0n;
    }
    return {
      supplyWh: wattHours(Number(supply.value.amount)),
      heldWh: wattHours(Number(heldWh)),
    };
  });
}
