/** A ledger of tokens in memory that keeps the chain port's promises and is final at once. */
import type { HouseholdId } from '../core/ids.ts';
import { fail, ok } from '../core/result.ts';
import type { TokenChain, TokenMove } from '../ports/tokens.ts';

export type LocalLedger = TokenChain & {
  balanceOf(household: HouseholdId): number;
};

const facts = { genesisHash: 'simulated', mint: 'simulated', hub: 'simulated' };
const lastValidHeight = 1;
const seen = { kind: 'seen', final: true } as const;

/** Refuses what nobody owns: a step that sends too much shows up as a failed move. */
export function localLedger(): LocalLedger {
  const balances = new Map<HouseholdId, number>();
  const signed = new Map<string, TokenMove | undefined>();
  const landed = new Map<string, string>();
  let count = 0;
  const balanceOf = (household: HouseholdId): number => balances.get(household) ?? 0;
  const add = (household: HouseholdId, wh: number) =>
    void balances.set(household, balanceOf(household) + wh);
  const sign = (move: TokenMove | undefined, intent: string) => {
    count += 1;
    const signature = `simulated-${count}-${intent}`;
    signed.set(signature, move);
    return ok({
      signature,
      raw: Buffer.from(signature),
      lastValidHeight,
      genesisHash: 'simulated',
    });
  };
  const land = (signature: string): void => {
    const move = signed.get(signature);
    signed.delete(signature);
    if (move === undefined) return void landed.set(signature.split('-')[2] ?? '', signature);
    if (landed.has(move.intent) || !canMove(move, balanceOf)) return;
    landed.set(move.intent, signature);
    add(move.from, move.mintWh - move.energyWh);
    for (const share of move.shares ?? []) add(share.household, -share.energyWh);
    if (move.to !== undefined) add(move.to, move.energyWh);
  };
  return {
    balanceOf,
    prepare: async () => ok(facts),
    sign: async (move) => sign(move, move.intent),
    signNote: async ({ intent }) => sign(undefined, intent),
    send: async ({ signature }) => land(signature),
    finalizedHeight: async () => ok(0),
    statusOf: async ({ intent }, { signature }) =>
      ok(landed.get(intent) === signature ? seen : { kind: 'unseen' }),
    winnerOf: async ({ intent }) => {
      const signature = landed.get(intent);
      return ok(signature === undefined ? undefined : { signature, final: true });
    },
    reclaimRent: async (intents) => ok([...intents]),
    addressOf: (household) => `simulated-${household}`,
    // Nobody in a simulation holds a key.
    lookAtWallet: async () => fail('unreachable'),
    proposeApproval: async () => fail('unreachable'),
    supply: async () => {
      const supplyWh = [...balances.values()].reduce((sum, wh) => sum + wh, 0);
      return ok({ supplyWh, heldWh: supplyWh });
    },
    health: () => ({ cluster: 'embedded', state: 'ok', detail: '' }),
  };
}

const canMove = (
  { from, mintWh, energyWh, shares = [] }: TokenMove,
  balanceOf: (household: HouseholdId) => number,
): boolean =>
  balanceOf(from) + mintWh >= energyWh &&
  shares.every(({ household, energyWh: share }) => balanceOf(household) >= share);
