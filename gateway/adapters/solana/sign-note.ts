/** Turns a note into signed bytes: a marker, as before every move, and a memo that the hub signs. */
import { Transaction } from '@solana/web3.js';
import bs58 from 'bs58';
import { ok, type Result } from '../../core/result.ts';
import type { ChainNote, SignedMove } from '../../ports/tokens.ts';
import { markerFor, noteInstructions } from './instructions.ts';
import type { Signing } from './sign-move.ts';
import { addSignatures } from './signatures.ts';

/** Throws on words that the hub never notes: the memo is public for ever. */
export async function signNote(
  { nodes, keys, genesisHash, priceMicroLamports }: Omit<Signing, 'ownerOf' | 'walletOf' | 'mint'>,
  note: ChainNote,
): Promise<Result<SignedMove, 'unreachable'>> {
  const facts = await nodes.ask(async (connection) => {
    const [latest, rentLamports] = await Promise.all([
      connection.getLatestBlockhash('confirmed'),
      connection.getMinimumBalanceForRentExemption(0),
    ]);
    return { latest, rentLamports };
  });
  if (!facts.ok) return facts;
  const { latest, rentLamports } = facts.value;
  const hub = keys.hub.publicKey;
  const marker = await markerFor(hub, keys.markerSecret, note.intent);
  const transaction = new Transaction({ feePayer: hub, ...latest });
  transaction.add(...noteInstructions(hub, marker, rentLamports, note.text, priceMicroLamports));
  addSignatures(transaction, [keys.hub]);
  return ok({
    signature: bs58.encode(transaction.signature as Buffer),
    raw: new Uint8Array(transaction.serialize({ verifySignatures: false })),
    lastValidHeight: latest.lastValidBlockHeight,
    genesisHash,
  });
}
