/** What became of a move: by its signature, and by the marker that all attempts of one intent share. */
import type { ConfirmedSignatureInfo, Connection, PublicKey } from '@solana/web3.js';
import { fail, ok, type Result } from '../../core/result.ts';
import type { MoveStatus, TokenMove } from '../../ports/tokens.ts';
import type { Nodes } from './connection.ts';
import { isMarkerTaken, markerFor } from './instructions.ts';
import type { Keyring } from './keys.ts';

/** A node further behind the others than this has no say about what did not happen. */
const heightsApartMax = 150;
/** How many landed transactions at a marker are looked into: ours is the first, the rest are a stranger's. */
const candidatesMax = 5;

type Needs = { readonly nodes: Nodes; readonly keys: Keyring };
export type Winner = { readonly signature: string; readonly final: boolean };

/** By one node: 'unseen' means only that this node has not seen it. */
export async function statusOf(
  needs: Needs,
  move: TokenMove,
  signature: string,
): Promise<Result<MoveStatus, 'unreachable'>> {
  const asked = await needs.nodes.ask((connection) =>
    connection.getSignatureStatuses([signature], { searchTransactionHistory: true }),
  );
  if (!asked.ok) return asked;
  const [status] = asked.value.value;
  if (!status) return ok({ kind: 'unseen' });
  const final = status.confirmationStatus === 'finalized';
  if (status.err === null) return ok({ kind: 'seen', final });
  if (!isMarkerTaken(status.err)) {
    return ok({ kind: 'failed', final, why: JSON.stringify(status.err) });
  }
  const winner = await winnerOf(needs, move);
  return ok({
    kind: 'landed-otherwise',
    signature: winner.ok ? winner.value?.signature : undefined,
    final: winner.ok && winner.value?.final === true,
  });
}

/**
 * By all nodes: one that knows the winner suffices, but "none has landed" needs the word of every node, and
 * none may be more than 150 blocks behind. So the caller adds that many to the last valid height.
 */
export async function winnerOf(
  { nodes, keys }: Needs,
  move: TokenMove,
): Promise<Result<Winner | undefined, 'unreachable'>> {
  const hub = keys.hub.publicKey;
  const marker = await markerFor(hub, keys.markerSecret, move.intent);
  const { answers, silent } = await nodes.askAll(async (connection) => ({
    // The height first: what lands after it was read is not denied by this answer.
    height: await connection.getBlockHeight('finalized'),
    winner: await findWinner(connection, marker.address, hub),
  }));
  const winners = answers.flatMap(({ winner }) => (winner === undefined ? [] : [winner]));
  const winner = winners.find(({ final }) => final) ?? winners[0];
  if (winner !== undefined) return ok(winner);
  const heights = answers.map(({ height }) => height);
  const apart = Math.max(...heights) - Math.min(...heights);
  return silent > 0 || apart > heightsApartMax ? fail('unreachable') : ok(undefined);
}

async function findWinner(
  connection: Connection,
  marker: PublicKey,
  hub: PublicKey,
): Promise<Winner | undefined> {
  const entries = await connection.getSignaturesForAddress(marker, undefined, 'confirmed');
  const landed = entries.filter(({ err }) => err === null).toReversed();
  for (const entry of landed.slice(0, candidatesMax)) {
    if (await isPaidBy(hub, connection, entry)) {
      return { signature: entry.signature, final: entry.confirmationStatus === 'finalized' };
    }
  }
  return undefined;
}

/** After a first attempt the marker is public: anybody may mention it, but only the hub can pay for our moves. */
async function isPaidBy(
  hub: PublicKey,
  connection: Connection,
  { signature }: ConfirmedSignatureInfo,
): Promise<boolean> {
  const found = await connection.getTransaction(signature, {
    commitment: 'confirmed',
    maxSupportedTransactionVersion: 0,
  });
  if (found === null) throw new Error('the node lists a transaction that it does not show');
  return found.transaction.message.staticAccountKeys[0]?.equals(hub) === true;
}
