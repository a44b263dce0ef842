/** What became of a move: by its signature, and by the marker that all attempts of one intent share. */
import type {
  ConfirmedSignatureInfo,
  Connection,
  Keypair,
  PublicKey,
  SignatureStatus,
} from '@solana/web3.js';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Marked, MoveStatus, SignedMove, Winner } from '../../ports/tokens.ts';
import type { Nodes } from './connection.ts';
import { isMarkerTaken, type Marker, makesMarker, markerFor } from './instructions.ts';
import type { Keyring } from './keys.ts';

/** A node further behind the others than this has no say about what did not happen. */
const heightsApartMax = 150;
/** How many landed transactions at a marker are looked into: ours is the first, the rest are a stranger's. */
const candidatesMax = 5;

type Needs = {
  readonly nodes: Nodes;
  readonly keys: Pick<Keyring, 'hub' | 'formerHubs' | 'markerSecret'>;
};
type Seen = SignatureStatus | null;

/** By all nodes, with their history: one that has seen it suffices; 'unseen' means that none that answered has. */
export async function statusOf(
  needs: Needs,
  move: Marked,
  { signature }: SignedMove,
): Promise<Result<MoveStatus, 'unreachable'>> {
  const { answers } = await needs.nodes.askAll((connection) => askStatus(connection, signature));
  if (answers.length === 0) return fail('unreachable');
  const status = bestOf(answers);
  if (status === null) return ok({ kind: 'unseen' });
  const final = isFinal(status);
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

const askStatus = async (connection: Connection, signature: string): Promise<Seen> => {
  const options = { searchTransactionHistory: true };
  return (await connection.getSignatureStatuses([signature], options)).value[0] ?? null;
};

const isFinal = ({ confirmationStatus }: { readonly confirmationStatus?: string | undefined }) =>
  confirmationStatus === 'finalized';

/** The furthest along: what one node has final, another one may still call confirmed, or not know. */
function bestOf(statuses: readonly Seen[]): Seen {
  const rank = (status: Seen) => (status === null ? 0 : isFinal(status) ? 2 : 1);
  return statuses.reduce((best, status) => (rank(status) > rank(best) ? status : best), null);
}

/**
 * By all nodes: one that knows the winner suffices, but "none has landed" needs the word of every node, and none
 * may be far behind: with an attempt, each must be past its last valid height and deny its signature, too.
 */
export async function winnerOf(
  { nodes, keys }: Needs,
  move: Marked,
  attempt?: SignedMove,
): Promise<Result<Winner | undefined, 'unreachable'>> {
  const places = await markersOf(keys, move.intent);
  const { answers, silent } = await nodes.askAll(async (connection) => ({
    // The height first: what lands after it was read is not denied by this answer.
    height: await connection.getBlockHeight('finalized'),
    seen: attempt === undefined ? null : await askStatus(connection, attempt.signature),
    winner: await findWinner(connection, places),
  }));
  const winners = answers.flatMap(({ winner }) => (winner === undefined ? [] : [winner]));
  const winner = winners.find(({ final }) => final) ?? winners[0];
  if (winner !== undefined) return ok(winner);
  const heights = answers.map(({ height }) => height);
  const lowest = Math.min(...heights);
  const isBehind =
    Math.max(...heights) - lowest > heightsApartMax || lowest <= (attempt?.lastValidHeight ?? -1);
  const isSeen = answers.some(({ seen }) => seen !== null);
  return silent > 0 || isBehind || isSeen ? fail('unreachable') : ok(undefined);
}

/** The lowest finalized height of those that answer, and how many do not. */
export async function finalizedHeights(nodes: Nodes): Promise<{ lowest: number; silent: number }> {
  const { answers, silent } = await nodes.askAll((each) => each.getBlockHeight('finalized'));
  return { lowest: Math.min(...answers), silent };
}

/** A marker's address belongs to the fee payer who made it, which may be a former one. */
export const markersOf = (
  keys: Needs['keys'],
  intent: string,
): Promise<(Marker & { readonly hub: Keypair })[]> =>
  Promise.all(
    [keys.hub, ...keys.formerHubs].map(async (hub) => ({
      hub,
      ...(await markerFor(hub.publicKey, keys.markerSecret, intent)),
    })),
  );

type Place = Awaited<ReturnType<typeof markersOf>>[number];

async function findWinner(
  connection: Connection,
  places: readonly Place[],
): Promise<Winner | undefined> {
  for (const { hub, address } of places) {
    const entries = await connection.getSignaturesForAddress(address, undefined, 'confirmed');
    const landed = entries.filter(({ err }) => err === null).toReversed();
    for (const entry of landed.slice(0, candidatesMax))
      if (await isMoveOf(hub.publicKey, connection, entry))
        return { signature: entry.signature, final: isFinal(entry) };
  }
  return undefined;
}

/** After a first attempt the marker is public: anybody may mention it, but only the hub can pay for our moves. */
async function isMoveOf(
  hub: PublicKey,
  connection: Connection,
  { signature }: ConfirmedSignatureInfo,
): Promise<boolean> {
  const found = await connection.getTransaction(signature, {
    commitment: 'confirmed',
    maxSupportedTransactionVersion: 0,
  });
  if (found === null) throw new Error('the node lists a transaction that it does not show');
  const { staticAccountKeys, compiledInstructions } = found.transaction.message;
  const [first] = compiledInstructions;
  return staticAccountKeys[0]?.equals(hub) === true && makesMarker(first?.data ?? new Uint8Array());
}
