/** Compares the chain with the books, from the chain's side: no key is opened and nothing is changed. */
import type { ChainReader, SignatureFate } from '../adapters/solana/read-chain.ts';
import type { BookedMove, TokenAudit } from '../adapters/sqlite/token-audit.ts';
import type { HouseholdId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type BookedTokens, checkTokens, type TokenCheck } from '../core/token-audit.ts';

/** Moves become final while we look; then we look again. */
const looksMost = 5;

export type TokenDifference = {
  readonly what: string;
  readonly expectedWh: number;
  readonly foundWh: number;
};
export type ChainVerdict = {
  readonly supplyWh: number;
  readonly heldWh: number;
  readonly households: readonly TokenCheck[];
  /** Final moves that the node still knows, and those that it has forgotten. */
  readonly movesSeen: number;
  readonly movesForgotten: number;
  readonly differences: readonly TokenDifference[];
};

/** 'restless': the books changed during every look. */
export async function verifyChain(
  chain: ChainReader,
  books: TokenAudit,
): Promise<Result<ChainVerdict, 'unreachable' | 'restless'>> {
  for (let look = 0; look < looksMost; look++) {
    const before = books.mark();
    const verdict = await lookOnce(chain, books);
    if (!verdict.ok && verdict.error === 'unreachable') return fail('unreachable');
    if (verdict.ok && books.mark() === before) return verdict;
  }
  return fail('restless');
}

async function lookOnce(
  chain: ChainReader,
  books: TokenAudit,
): Promise<Result<ChainVerdict, 'unreachable' | 'restless'>> {
  const [booked, outsideWh] = [books.households(), books.outsideWh()];
  const owners = new Map<HouseholdId, string>();
  for (const { household, owner } of books.owners()) owners.set(household, owner);
  const [open, finals] = [books.openAttempts(), books.finalSignatures()];
  const attempts = open.map(({ signature }) => signature);
  const early = await chain.fates(attempts);
  const supply = await chain.supplyWh();
  const held = await chain.heldWh([...owners.values()]);
  const fates = await chain.fates([...attempts, ...finals]);
  if (!early.ok || !supply.ok || !held.ok || !fates.ok) return fail('unreachable');
  if (early.value.some((fate, index) => fate !== fates.value[index])) return fail('restless');
  const onChain = new Map([...owners.keys()].map((id, index) => [id, held.value[index] ?? 0]));
  const landed = open.filter((_move, index) => fates.value[index] === 'landed');
  const finalFates = fates.value.slice(open.length);
  const households = booked.map((one) => checkTokens(one, soFar(one, landed, onChain)));
  const heldWh = held.value.reduce((sum, wh) => sum + wh, 0);
  return ok({
    supplyWh: supply.value,
    heldWh,
    households,
    movesSeen: finalFates.filter((fate) => fate === 'landed').length,
    movesForgotten: finalFates.filter((fate) => fate === 'unknown').length,
    differences: [
      ...households.flatMap(differenceOf),
      ...supplyDifference(supply.value - heldWh, outsideWh),
      ...failedMoves(finals, finalFates),
    ],
  });
}

/** The balance without moves that have landed and that the books will hear of in a moment. */
function soFar(
  { household }: BookedTokens,
  landed: readonly BookedMove[],
  onChain: ReadonlyMap<HouseholdId, number>,
): number {
  const early = landed.reduce((sum, { from, to, energyWh, mintWh }) => {
    if (from === household) return sum + mintWh - energyWh;
    return to === household ? sum + energyWh : sum;
  }, 0);
  return (onChain.get(household) ?? 0) - early;
}

/** Negative parts are differences, too: no more may be minted than was metered, nor burned than was used. */
function differenceOf(check: TokenCheck): TokenDifference[] {
  const { household, heldWh, differenceWh, unmintedWh, unburnedWh } = check;
  return [
    ...(differenceWh === 0
      ? []
      : [{ what: `held by ${household}`, expectedWh: heldWh, foundWh: heldWh + differenceWh }]),
    ...(unmintedWh >= 0
      ? []
      : [{ what: `minted beyond the meter of ${household}`, expectedWh: 0, foundWh: -unmintedWh }]),
    ...(unburnedWh >= 0
      ? []
      : [{ what: `burned beyond the use of ${household}`, expectedWh: 0, foundWh: -unburnedWh }]),
  ];
}

/** What left the neighbourhood must be somewhere, and nothing else may be there. */
const supplyDifference = (foundWh: number, expectedWh: number): TokenDifference[] =>
  foundWh === expectedWh
    ? []
    : [{ what: 'in wallets of others than our households', expectedWh, foundWh }];

const failedMoves = (
  signatures: readonly string[],
  fates: readonly (SignatureFate | undefined)[],
): TokenDifference[] =>
  signatures.flatMap((signature, index) =>
    fates[index] === 'failed'
      ? [
          {
            what: `move ${signature} is final in the books and failed on the chain`,
            expectedWh: 1,
            foundWh: 0,
          },
        ]
      : [],
  );
