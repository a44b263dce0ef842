/** Makes sure that this is our chain, that the fee payer can pay and that the mint is ours. Safe to repeat. */
import { setTimeout as wait } from 'node:timers/promises';
import { MINT_SIZE, TOKEN_PROGRAM_ID, unpackMint } from '@solana/spl-token';
import { type AccountInfo, LAMPORTS_PER_SOL, PublicKey, Transaction } from '@solana/web3.js';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ChainFacts, ChainHealth, PrepareError } from '../../ports/tokens.ts';
import type { Nodes } from './connection.ts';
import { handOverMint, sweepFormerPurses } from './hand-over.ts';
import { mintInstructions, tokenDecimals } from './instructions.ts';
import type { Keyring } from './keys.ts';
import { sendRaw } from './send-raw.ts';
import { addSignatures } from './signatures.ts';

export type Cluster = ChainHealth['cluster'];

/** docs.solana.com/clusters: the hashes by which the public clusters are known. */
const publicGenesis: Readonly<Record<Exclude<Cluster, 'embedded'>, string>> = {
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
  'mainnet-beta': '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
};
/** On the local ledger SOL is free; a move costs about 0.001 to 0.005 of it, mostly rent. */
const purse = { lowLamports: 100 * LAMPORTS_PER_SOL, giftLamports: 1000 * LAMPORTS_PER_SOL };
const publicLowLamports = LAMPORTS_PER_SOL / 10;
const mintLooksMax = 60;
const mintLookEveryMs = 1000;
const mintSendEvery = 30;

export type Preparing = {
  readonly nodes: Nodes;
  readonly keys: Keyring;
  readonly cluster: Cluster;
  /** A mint that exists already; undefined for the hub's own. */
  readonly givenMint: string | undefined;
  readonly priceMicroLamports: number;
  /** On a public cluster a mint costs money, so somebody must have said yes. */
  readonly mayCreateMint: boolean;
  /** What the books have worked with; keys and books must not be of two hubs. */
  readonly known: ChainFacts | undefined;
};

export type Prepared = {
  readonly mint: PublicKey;
  readonly genesisHash: string;
  readonly detail: string;
};

export async function prepareChain(preparing: Preparing): Promise<Result<Prepared, PrepareError>> {
  const { nodes, keys, cluster, givenMint } = preparing;
  const facts = keys.facts();
  const expected = cluster === 'embedded' ? facts?.genesisHash : publicGenesis[cluster];
  const met = await nodes.meet(expected);
  if (!met.ok) return met;
  const mint = givenMint === undefined ? keys.mint.publicKey : new PublicKey(givenMint);
  const remembered = { genesisHash: met.value, mint: mint.toBase58() };
  if (!isOurChain(preparing, remembered)) return fail('wrong-chain');
  const swept = await sweepFormerPurses(preparing);
  if (!swept.ok) return swept;
  const detail = await fillPurse(preparing);
  if (!detail.ok) return detail;
  // The mint that we remember, or were told of, must be there; our own may still have to be made.
  const mayCreate = facts === undefined && givenMint === undefined;
  const ready = await findOrMakeMint(preparing, mint, mayCreate);
  if (!ready.ok) return ready;
  const handed = await handOverMint(preparing, mint);
  if (!handed.ok) return handed;
  if (facts === undefined) keys.remember(remembered);
  return ok({ mint, genesisHash: met.value, detail: detail.value });
}

/** Whether keys, books and node speak of one chain, one mint and one hub. */
function isOurChain({ keys, cluster, known }: Preparing, found: Remembered): boolean {
  const isPublic = Object.values(publicGenesis).includes(found.genesisHash);
  // Books that know a former fee payer are of this hub: they hear of the present one when all is prepared.
  const hubs = [keys.hub, ...keys.formerHubs].map(({ publicKey }) => publicKey.toBase58());
  const isOurs = known === undefined || hubs.includes(known.hub);
  return (
    isPublic === (cluster !== 'embedded') &&
    isOurs &&
    [keys.facts(), known].every((kept) => isSame(kept, found))
  );
}

type Remembered = Pick<ChainFacts, 'genesisHash' | 'mint'>;
const isSame = (kept: Remembered | undefined, found: Remembered): boolean =>
  kept === undefined || (kept.genesisHash === found.genesisHash && kept.mint === found.mint);

/** A sentence for the keeper when the fee payer is poor and nothing can be done about it from here. */
async function fillPurse({
  nodes,
  keys,
  cluster,
}: Preparing): Promise<Result<string, 'unreachable'>> {
  const hub = keys.hub.publicKey;
  const balance = await nodes.ask((connection) => connection.getBalance(hub));
  if (!balance.ok) return balance;
  if (cluster !== 'embedded') {
    const isLow = balance.value < publicLowLamports;
    return ok(isLow ? `the fee payer ${hub.toBase58()} is low on SOL` : '');
  }
  if (balance.value >= purse.lowLamports) return ok('');
  const given = await nodes.ask((connection) => connection.requestAirdrop(hub, purse.giftLamports));
  return given.ok ? ok('') : given;
}

async function findOrMakeMint(
  preparing: Preparing,
  mint: PublicKey,
  mayCreate: boolean,
): Promise<Result<void, PrepareError>> {
  for (let look = 0; look < mintLooksMax; look++) {
    const found = await lookAtMint(preparing, mint);
    if (!found.ok) return found;
    if (found.value === 'ours') return ok(undefined);
    const refusal = whyNot(preparing, found.value, mayCreate);
    if (refusal !== undefined) return fail(refusal);
    if (look % mintSendEvery === 0) await sendMint(preparing);
    else await wait(mintLookEveryMs);
  }
  return fail('unreachable');
}

/** Why a mint that is not ours, or not there, cannot become ours. */
function whyNot(
  { mayCreateMint }: Preparing,
  found: 'foreign' | 'absent',
  mayCreate: boolean,
): 'wrong-chain' | 'no-mint' | undefined {
  if (found === 'foreign' || !mayCreate) return 'wrong-chain';
  return mayCreateMint ? undefined : 'no-mint';
}

async function lookAtMint(
  { nodes, keys }: Preparing,
  mint: PublicKey,
): Promise<Result<'ours' | 'foreign' | 'absent', 'unreachable'>> {
  const found = await nodes.ask((connection) => connection.getAccountInfo(mint, 'finalized'));
  if (!found.ok) return found;
  if (found.value === null) return ok('absent');
  return ok(isOurMint(keys, mint, found.value) ? 'ours' : 'foreign');
}

/** A second one that lands fails and costs a fee: harmless. */
function sendMint({ nodes, keys, priceMicroLamports }: Preparing) {
  const { hub, mint, mintAuthority } = keys;
  return nodes.ask(async (connection) => {
    const [latest, rentLamports] = await Promise.all([
      connection.getLatestBlockhash('confirmed'),
      connection.getMinimumBalanceForRentExemption(MINT_SIZE),
    ]);
    const transaction = new Transaction({ feePayer: hub.publicKey, ...latest });
    transaction.add(
      ...mintInstructions(
        hub.publicKey,
        mint.publicKey,
        mintAuthority.publicKey,
        rentLamports,
        priceMicroLamports,
      ),
    );
    addSignatures(transaction, [hub, mint]);
    await sendRaw(connection, transaction.serialize({ verifySignatures: false }));
  });
}

function isOurMint(keys: Keyring, address: PublicKey, info: AccountInfo<Buffer>): boolean {
  if (!info.owner.equals(TOKEN_PROGRAM_ID) || info.data.length !== MINT_SIZE) return false;
  const { decimals, mintAuthority } = unpackMint(address, info);
  const ours = [keys.mintAuthority, keys.nextMintAuthority];
  return (
    decimals === tokenDecimals &&
    ours.some((key) => key !== undefined && mintAuthority?.equals(key.publicKey))
  );
}
