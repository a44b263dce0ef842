/** What an owner signs to let the hub move a limited amount: made here, signed on the owner's phone. */
import {
  createApproveCheckedInstruction,
  createAssociatedTokenAccountIdempotentInstruction,
} from '@solana/spl-token';
import { type PublicKey, Transaction } from '@solana/web3.js';
import { ok, type Result } from '../../core/result.ts';
import type { WattHours } from '../../core/units.ts';
import type { Nodes } from './connection.ts';
import { tokenDecimals } from './instructions.ts';
import type { Keyring } from './keys.ts';
import { addSignatures } from './signatures.ts';

type Asked = {
  readonly nodes: Nodes;
  readonly keys: Pick<Keyring, 'hub'>;
  readonly mint: PublicKey;
  readonly owner: PublicKey;
  readonly tokenAccount: PublicKey;
};

/**
 * The hub pays the fee and makes the token account; the owner's signature is missing. An approval replaces the one
 * before: the owner allows `allowanceWh` in all, not in addition.
 */
export async function proposeApproval(
  { nodes, keys, mint, owner, tokenAccount }: Asked,
  allowanceWh: WattHours,
): Promise<Result<Uint8Array, 'unreachable'>> {
  const latest = await nodes.ask((connection) => connection.getLatestBlockhash('finalized'));
  if (!latest.ok) return latest;
  const hub = keys.hub.publicKey;
  const transaction = new Transaction({ feePayer: hub, ...latest.value });
  transaction.add(
    createAssociatedTokenAccountIdempotentInstruction(hub, tokenAccount, owner, mint),
    createApproveCheckedInstruction(
      ...([tokenAccount, mint, hub, owner, BigInt(allowanceWh), tokenDecimals] as const),
    ),
  );
  addSignatures(transaction, [keys.hub]);
  return ok(
    new Uint8Array(transaction.serialize({ requireAllSignatures: false, verifySignatures: false })),
  );
}
