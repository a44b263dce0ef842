/** Turns a token move into signed bytes. Keeps nothing: the caller writes them down before they are sent. */
import { createPrivateKey, sign } from 'node:crypto';
import { type Keypair, type PublicKey, Transaction } from '@solana/web3.js';
import bs58 from 'bs58';
import { ok, type Result } from '../../core/result.ts';
import type { SignedMove, TokenMove } from '../../ports/tokens.ts';
import type { Nodes } from './connection.ts';
import { type Holder, markerFor, moveInstructions } from './instructions.ts';
import type { Keyring } from './keys.ts';
import { readWallets, type Wallet, type WalletAddresses } from './wallets.ts';

/** IPv6's minimum MTU less headers; web3.js throws above it. */
export const transactionBytesMax = 1232;
/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

export type Signing = {
  readonly nodes: Nodes;
  readonly keys: Keyring;
  readonly walletOf: WalletAddresses;
  readonly mint: PublicKey;
  readonly priceMicroLamports: number;
};

/** Throws on a transfer to nobody and on a memo that is not opaque: those are our own mistakes. */
export async function signMove(
  signing: Signing,
  move: TokenMove,
): Promise<Result<SignedMove, 'unreachable'>> {
  const { nodes, walletOf, mint } = signing;
  if ((move.kind === 'transfer') !== (move.to !== undefined)) {
    throw new Error(`a ${move.kind} to ${move.to === undefined ? 'nobody' : 'somebody'}`);
  }
  const accounts = [move.from, ...(move.to === undefined ? [] : [move.to])].map((household) =>
    walletOf(household, mint),
  );
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
  const transaction = new Transaction({ feePayer: signing.keys.hub.publicKey, ...latest });
  transaction.add(...(await instructionsFor(signing, move, rentLamports, wallets)));
  addSignatures(transaction, signersFor(signing, move, wallets));
  return ok({
    signature: bs58.encode(transaction.signature as Buffer),
    raw: new Uint8Array(transaction.serialize({ verifySignatures: false })),
    lastValidHeight: latest.lastValidBlockHeight,
  });
}

async function instructionsFor(
  { keys, mint, priceMicroLamports }: Signing,
  move: TokenMove,
  markerRentLamports: number,
  wallets: readonly Wallet[],
) {
  const [from, to] = wallets;
  const hub = keys.hub.publicKey;
  return moveInstructions({
    hub,
    mint,
    mintAuthority: keys.mintAuthority.publicKey,
    marker: await markerFor(hub, keys.markerSecret, move.intent),
    markerRentLamports,
    from: holderOf(keys.household(move.from), from as Wallet),
    to: move.to === undefined ? undefined : holderOf(keys.household(move.to), to as Wallet),
    approve: mustApprove(hub, move, wallets),
    energyWh: move.energyWh,
    mintWh: move.mintWh,
    memo: move.memo,
    priceMicroLamports,
  });
}

function signersFor({ keys }: Signing, move: TokenMove, wallets: readonly Wallet[]): Keypair[] {
  return [
    keys.hub,
    ...(move.mintWh > 0 ? [keys.mintAuthority] : []),
    ...(mustApprove(keys.hub.publicKey, move, wallets) ? [keys.household(move.from)] : []),
  ];
}

/** By the machine's own Ed25519: web3.js would sign and check in big integers, at 2 ms and much garbage a move. */
function addSignatures(transaction: Transaction, signers: readonly Keypair[]): void {
  const message = transaction.serializeMessage();
  for (const { publicKey, secretKey } of signers) {
    const der = Buffer.concat([pkcs8Head, secretKey.subarray(0, 32)]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    transaction.addSignature(publicKey, sign(null, message, key));
  }
}

/** A token account has one delegate, and an approval replaces the one before. */
function mustApprove(hub: PublicKey, { energyWh }: TokenMove, [from]: readonly Wallet[]): boolean {
  const seen = from?.seen;
  return !seen?.delegate?.equals(hub) || seen.allowanceWh < BigInt(energyWh);
}

const holderOf = (key: Keypair, { tokenAccount, seen }: Wallet): Holder => ({
  owner: key.publicKey,
  tokenAccount,
  isNew: seen === undefined,
});
