/** The hub's hands on Solana: a public cluster, or the ledger of its own. */
import type { Connection, PublicKey } from '@solana/web3.js';
import { fail, ok } from '../../core/result.ts';
import { wattHours } from '../../core/units.ts';
import type { ChainFacts, SignedMove, TokenChain } from '../../ports/tokens.ts';
import { proposeApproval } from './approval.ts';
import { type Nodes, openNodes } from './connection.ts';
import { type Keyring, openKeyring } from './keys.ts';
import { lookAt } from './look-at.ts';
import { finalizedHeights, statusOf, winnerOf } from './look-up.ts';
import { type OwnAddressOf, openOwners } from './owners.ts';
import { type Cluster, type Prepared, prepareChain } from './prepare.ts';
import { reclaimRent } from './reclaim.ts';
import { sendRaw } from './send-raw.ts';
import { signMove } from './sign-move.ts';
import { signNote } from './sign-note.ts';
import { accountsPerQuestion, openWalletAddresses, readWallets } from './wallets.ts';

const callDeadlineDefaultMs = 5_000;
const urlsMax = 5;
/** Micro-lamports for a compute unit: nobody competes on the local ledger. */
const prices: Readonly<Record<Cluster, number>> = {
  embedded: 0,
  devnet: 1_000,
  'mainnet-beta': 10_000,
};
/** The price of haste doubles with each attempt; the builder of instructions caps it. */
const doublingsMost = 8;
const unreachable = fail('unreachable' as const);

export type TokenChainOptions = {
  readonly cluster: Cluster;
  /** Nodes of one cluster, the preferred one first; 1 to 5. */
  readonly urls: readonly string[];
  /** The folder of the keys, 0700; made with fresh keys when absent. */
  readonly keyDir: string;
  /** The address of a mint whose authority is in `keyDir`; without it the hub makes its own. */
  readonly mint?: string;
  /** Opens the keystore; without it one is made for the local ledger and kept beside the keys, 0600. */
  readonly passphrase?: string;
  /** Whether `prepare` may make the mint on a public cluster, which costs money. */
  readonly mayCreateMint?: boolean;
  /** The chain and the mint that the books have worked with. */
  readonly known?: ChainFacts;
  /** Households that have the key of their wallet, and its address. */
  readonly ownAddress?: OwnAddressOf;
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
  const keys = openKeyring(options.keyDir, options.passphrase);
  const { fetch } = options;
  const nodes = openNodes({ urls, callDeadlineMs, ...(fetch === undefined ? {} : { fetch }) });
  const ownerOf = openOwners(keys, options.ownAddress);
  const walletOf = openWalletAddresses(ownerOf);
  const priceMicroLamports = options.priceMicroLamports ?? prices[cluster];
  const mayCreateMint = cluster === 'embedded' || options.mayCreateMint === true;
  let prepared: Prepared | undefined;
  let refused: 'wrong-chain' | 'no-mint' | undefined;

  return {
    async prepare() {
      const answer = await prepareChain({
        ...{ nodes, keys, cluster, givenMint: options.mint },
        ...{ priceMicroLamports, mayCreateMint, known: options.known },
      });
      prepared = answer.ok ? answer.value : undefined;
      refused = answer.ok || answer.error === 'unreachable' ? undefined : answer.error;
      if (!answer.ok) return answer;
      const { genesisHash, mint } = answer.value;
      return ok({ genesisHash, mint: mint.toBase58(), hub: keys.hub.publicKey.toBase58() });
    },
    async sign(move, earlier = 0) {
      if (prepared === undefined) return unreachable;
      const price = priceMicroLamports * 2 ** Math.min(earlier, doublingsMost);
      const signing = { nodes, keys, ownerOf, walletOf, ...prepared };
      return signMove({ ...signing, priceMicroLamports: price }, move);
    },
    async signNote(note, earlier = 0) {
      if (prepared === undefined) return unreachable;
      const { genesisHash } = prepared;
      const price = priceMicroLamports * 2 ** Math.min(earlier, doublingsMost);
      return signNote({ nodes, keys, genesisHash, priceMicroLamports: price }, note);
    },
    ...lookingUp({ nodes, keys }, () => prepared),
    async reclaimRent(intents, pastHeight) {
      if (prepared === undefined) return unreachable;
      return reclaimRent({ nodes, keys, priceMicroLamports }, intents, pastHeight);
    },
    addressOf: (household) => ownerOf(household).address.toBase58(),
    async proposeApproval(household, allowanceWh) {
      if (prepared === undefined) return unreachable;
      const { mint } = prepared;
      const owner = ownerOf(household).address;
      const asked = { nodes, keys, mint, owner, tokenAccount: walletOf(household, mint) };
      return proposeApproval(asked, allowanceWh);
    },
    async lookAtWallet(household) {
      if (prepared === undefined) return unreachable;
      return lookAt(nodes, keys.hub.publicKey, walletOf(household, prepared.mint));
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
      state: refused ?? nodes.state(),
      detail: refused === undefined ? (prepared?.detail ?? '') : refusals[refused],
    }),
  };
}

/** Bytes that were made for another chain are neither sent nor asked about on this one. */
function lookingUp(
  needs: { readonly nodes: Nodes; readonly keys: Keyring },
  prepared: () => Prepared | undefined,
): Pick<TokenChain, 'send' | 'finalizedHeight' | 'statusOf' | 'winnerOf'> {
  const { nodes } = needs;
  const isOurs = ({ genesisHash }: SignedMove): boolean => {
    const here = prepared()?.genesisHash;
    return here !== undefined && (genesisHash === here || genesisHash === '');
  };
  return {
    async send(signed) {
      if (isOurs(signed)) await nodes.askAll((connection) => sendRaw(connection, signed.raw));
    },
    async finalizedHeight() {
      if (prepared() === undefined) return unreachable;
      const { lowest } = await finalizedHeights(nodes);
      return Number.isFinite(lowest) ? ok(lowest) : unreachable;
    },
    statusOf: async (move, attempt) =>
      isOurs(attempt) ? statusOf(needs, move, attempt) : unreachable,
    async winnerOf(move, attempt) {
      if (attempt === undefined ? prepared() === undefined : !isOurs(attempt)) return unreachable;
      return winnerOf(needs, move, attempt);
    },
  };
}

const refusals = {
  'wrong-chain': 'the node serves another chain or mint than the one these keys have worked with',
  'no-mint': 'there is no mint yet: scripts/hub chain init says what it costs and makes it',
} as const;

/** Tokens are minted while we count; then we count again. */
const countsMost = 3;

async function supplyOf(nodes: Nodes, mint: PublicKey, tokenAccounts: readonly PublicKey[]) {
  return nodes.ask(async (connection) => {
    const supplied = async () => (await connection.getTokenSupply(mint, 'confirmed')).value.amount;
    let [supply, held] = [await supplied(), await heldIn(connection, tokenAccounts)];
    for (let count = 1; count < countsMost; count++) {
      const now = await supplied();
      if (now === supply) break;
      [supply, held] = [now, await heldIn(connection, tokenAccounts)];
    }
    return { supplyWh: wattHours(Number(supply)), heldWh: wattHours(Number(held)) };
  });
}

async function heldIn(connection: Connection, tokenAccounts: readonly PublicKey[]) {
  let heldWh = 0n;
  for (let start = 0; start < tokenAccounts.length; start += accountsPerQuestion) {
    const page = tokenAccounts.slice(start, start + accountsPerQuestion);
    for (const { seen } of await readWallets(connection, page)) heldWh += seen?.amountWh ?? 0n;
  }
  return heldWh;
}
