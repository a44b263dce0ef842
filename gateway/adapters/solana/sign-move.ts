/** Turns a token move into signed bytes. Keeps nothing: the caller writes them down before they are sent. */
import {
  type BlockhashWithExpiryBlockHeight,
  type Keypair,
  type PublicKey,
  Transaction,
} from '@solana/web3.js';
import bs58 from 'bs58';
import { fail, ok, type Result } from '../../core/result.ts';
import type { SignedMove, TokenMove } from '../../ports/tokens.ts';
import type { Nodes } from './connection.ts';
import { approvals, type Holder, markerFor, moveInstructions } from './instructions.ts';
import type { Keyring } from './keys.ts';
import type { Owner, OwnerOf } from './owners.ts';
import { sendRaw } from './send-raw.ts';
import { addSignatures } from './signatures.ts';
import { readWallets, type Wallet, type WalletAddresses } from './wallets.ts';

/** IPv6's minimum MTU less headers; web3.js throws above it. */
export const transactionBytesMax = 1232;
/** An approval takes an owner's signature, address and instruction: about 160 bytes. */
const approvalsTogether = 6;

export type Signing = {
  readonly nodes: Nodes;
  readonly keys: Keyring;
  readonly ownerOf: OwnerOf;
  readonly walletOf: WalletAddresses;
  readonly mint: PublicKey;
  readonly genesisHash: string;
  /** Doubled with every earlier attempt; the builder caps it. */
  readonly priceMicroLamports: number;
};

type Latest = BlockhashWithExpiryBlockHeight;
type Party = {
  readonly owner: Owner;
  readonly wallet: Wallet;
  readonly needsWh: number | undefined;
};

/** Throws on a transfer to nobody and on a memo that is not opaque: those are our own mistakes. */
export async function signMove(
  signing: Signing,
  move: TokenMove,
): Promise<Result<SignedMove, 'unreachable'>> {
  const { nodes, walletOf, ownerOf, mint, keys } = signing;
  if ((move.kind === 'transfer') !== (move.to !== undefined)) {
    throw new Error(`a ${move.kind} to ${move.to === undefined ? 'nobody' : 'somebody'}`);
  }
  const owners = ownersOf(move);
  const accounts = owners.map(({ household }) => walletOf(household, mint));
  const facts = await nodes.ask(async (connection) => {
    const [latest, rentLamports, wallets] = await Promise.all([
      connection.getLatestBlockhash('confirmed'),
      connection.getMinimumBalanceForRentExemption(0),
      readWallets(connection, accounts),
    ]);
    return { latest, rentLamports, wallets };
  });
  if (!facts.ok) return facts;
  const { latest, rentLamports, wallets } = facts.value;
  const parties = owners.map(({ household, needsWh }, index) => ({
    ...{ owner: ownerOf(household), wallet: wallets[index] as Wallet, needsWh },
  }));
  const strangers = parties.filter((party) => mustApprove(keys.hub.publicKey, party));
  // Several owners' signatures would not fit beside their burns, so their consent goes ahead.
  if (move.shares !== undefined && strangers.length > 0) {
    await sendApprovals(signing, strangers, latest);
    return fail('unreachable');
  }
  const transaction = new Transaction({ feePayer: keys.hub.publicKey, ...latest });
  transaction.add(...(await instructionsFor(signing, move, rentLamports, parties)));
  addSignatures(transaction, [
    keys.hub,
    ...(move.mintWh > 0 ? [keys.mintAuthority] : []),
    ...keysOf(strangers),
  ]);
  return ok({
    signature: bs58.encode(transaction.signature as Buffer),
    raw: new Uint8Array(transaction.serialize({ verifySignatures: false })),
    lastValidHeight: latest.lastValidBlockHeight,
    genesisHash: signing.genesisHash,
  });
}

/** Who is touched, the giver first; a receiver gives nothing. */
const ownersOf = ({ from, to, energyWh, shares = [] }: TokenMove) => [
  { household: from, needsWh: energyWh },
  ...(to === undefined ? [] : [{ household: to, needsWh: undefined }]),
  ...shares.map((share) => ({ household: share.household, needsWh: share.energyWh })),
];

async function instructionsFor(
  { keys, mint, priceMicroLamports }: Signing,
  move: TokenMove,
  markerRentLamports: number,
  parties: readonly Party[],
) {
  const [from, ...others] = parties as [Party, ...Party[]];
  const hub = keys.hub.publicKey;
  return moveInstructions({
    hub,
    mint,
    mintAuthority: keys.mintAuthority.publicKey,
    marker: await markerFor(hub, keys.markerSecret, move.intent),
    markerRentLamports,
    from: holderOf(from),
    to: move.to === undefined ? undefined : holderOf(others[0] as Party),
    approve: mustApprove(hub, from),
    energyWh: move.energyWh,
    mintWh: move.mintWh,
    shares: (move.shares ?? []).map(({ energyWh }, index) => ({
      tokenAccount: (others[index] as Party).wallet.tokenAccount,
      energyWh,
    })),
    memo: move.memo,
    priceMicroLamports,
  });
}

async function sendApprovals(
  { nodes, keys, mint, priceMicroLamports }: Signing,
  strangers: readonly Party[],
  latest: Latest,
): Promise<void> {
  const hub = keys.hub.publicKey;
  for (let start = 0; start < strangers.length; start += approvalsTogether) {
    const page = strangers.slice(start, start + approvalsTogether);
    const transaction = new Transaction({ feePayer: hub, ...latest });
    transaction.add(...approvals(hub, mint, page.map(holderOf), priceMicroLamports));
    addSignatures(transaction, [keys.hub, ...keysOf(page)]);
    const raw = transaction.serialize({ verifySignatures: false });
    await nodes.ask((connection) => sendRaw(connection, raw));
  }
}

/** A token account has one delegate, and an approval replaces the one before. */
function mustApprove(hub: PublicKey, { owner, wallet: { seen }, needsWh }: Party): boolean {
  // Who has the key gives the allowance: without it the move fails on the chain, and nothing has moved.
  if (needsWh === undefined || owner.key === undefined) return false;
  return !seen?.delegate?.equals(hub) || seen.allowanceWh < BigInt(needsWh);
}

const keysOf = (parties: readonly Party[]): Keypair[] =>
  parties.flatMap(({ owner }) => (owner.key === undefined ? [] : [owner.key]));

const holderOf = ({ owner, wallet: { tokenAccount, seen } }: Party): Holder => ({
  owner: owner.address,
  tokenAccount,
  isNew: seen === undefined,
});
