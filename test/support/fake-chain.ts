/** A chain of a few lines that keeps the port's promises: balances, heights, one landing per intent. */
import type { HouseholdId } from '../../gateway/core/ids.ts';
import type { WalletLook } from '../../gateway/core/own-wallet.ts';
import { fail, ok } from '../../gateway/core/result.ts';
import { wattHours } from '../../gateway/core/units.ts';
import type {
  Marked,
  MoveStatus,
  SignedMove,
  TokenChain,
  TokenMove,
} from '../../gateway/ports/tokens.ts';

type Landed = {
  readonly signature: string;
  readonly intent: string;
  /** Why it failed; undefined when tokens moved. */
  readonly error: string | undefined;
};

export type FakeChain = TokenChain & {
  /** Every signature ever made, and every send in order, by signature. */
  readonly signed: SignedMove[];
  readonly sent: string[];
  readonly landed: Landed[];
  /** Moves whose tokens really moved, by intent. */
  movedIntents(): string[];
  balanceOf(household: HouseholdId): number;
  height: number;
  reachable: boolean;
  /** False: what is sent gets lost on the way. */
  takesIn: boolean;
  /** False: what landed may still be forgotten. */
  final: boolean;
  /** Signatures that this node denies having seen, although they may have landed. */
  readonly denied: Set<string>;
  /** What wallets of their owners hold and allow. */
  readonly looks: Map<HouseholdId, WalletLook>;
  /** Lands a signature that was made earlier and held up on the way. */
  landLate(signature: string): void;
};

const livesBlocks = 150;
const genesisHash = 'the fake chain';
const facts = { genesisHash, mint: 'mint', hub: 'hub' };

/** A note moves nothing. */
const nothing: Omit<TokenMove, 'intent' | 'memo'> = {
  ...{ kind: 'burn' as const, from: 'hub' as HouseholdId, to: undefined },
  ...{ energyWh: wattHours(0), mintWh: wattHours(0) },
};

export function fakeChain(): FakeChain {
  const moves = new Map<string, TokenMove>();
  const balances = new Map<string, number>();
  const add = (who: string, wh: number) => balances.set(who, (balances.get(who) ?? 0) + wh);
  const land = (signature: string): void => {
    const move = moves.get(signature);
    const { landed, signed, height } = chain;
    const lastValid = signed.find((one) => one.signature === signature)?.lastValidHeight ?? 0;
    if (move === undefined || height > lastValid) return;
    if (landed.some((other) => other.signature === signature)) return;
    const error = winnerIn(landed, move) ? 'already landed' : whyNot(move, balances);
    landed.push({ signature, intent: move.intent, error });
    if (error !== undefined) return;
    add(move.from, move.mintWh - move.energyWh);
    if (move.to !== undefined) add(move.to, move.energyWh);
  };
  const sign = (move: TokenMove): Awaited<ReturnType<TokenChain['sign']>> => {
    if (!chain.reachable) return fail('unreachable');
    const signature = `signature-${chain.signed.length + 1}`;
    const raw = Buffer.from(`${signature} ${JSON.stringify(move)}`);
    const signed = { signature, raw, lastValidHeight: chain.height + livesBlocks, genesisHash };
    moves.set(signature, move);
    chain.signed.push(signed);
    return ok(signed);
  };
  const chain: FakeChain = {
    signed: [],
    sent: [],
    landed: [],
    height: 1_000,
    reachable: true,
    takesIn: true,
    final: true,
    denied: new Set(),
    looks: new Map(),
    landLate: land,
    movedIntents: () => chain.landed.filter(({ error }) => !error).map(({ intent }) => intent),
    balanceOf: (household) => balances.get(household) ?? 0,
    prepare: async () => (chain.reachable ? ok(facts) : fail('unreachable')),
    sign: async (move) => sign(move),
    signNote: async ({ intent, text }) => sign({ ...nothing, intent, memo: text }),
    send: async (signed) => {
      chain.sent.push(signed.signature);
      const known = chain.signed.find(({ signature }) => signature === signed.signature);
      if (known === undefined || !Buffer.from(known.raw).equals(signed.raw))
        throw new Error('these bytes were never signed');
      if (chain.reachable && chain.takesIn) land(signed.signature);
    },
    finalizedHeight: async () => (chain.reachable ? ok(chain.height) : fail('unreachable')),
    statusOf: async (move, { signature }) =>
      chain.reachable ? ok(statusIn(chain, move, signature)) : fail('unreachable'),
    winnerOf: async (move) => {
      if (!chain.reachable) return fail('unreachable');
      const winner = winnerIn(chain.landed, move);
      return ok(winner && { signature: winner.signature, final: chain.final });
    },
    reclaimRent: async (intents) => ok([...intents]),
    addressOf: (household) => `address-of-${household}`,
    proposeApproval: noApproval,
    lookAtWallet: async (household) => seenIn(chain, household),
    supply: async () => {
      const heldWh = [...balances.values()].reduce((sum, wh) => sum + wh, 0);
      return ok({ supplyWh: heldWh, heldWh });
    },
    health: () => ({ cluster: 'embedded', state: 'ok', detail: '' }),
  };
  return chain;
}

const noApproval: TokenChain['proposeApproval'] = async () => fail('unreachable');

const seenIn = ({ looks, reachable }: FakeChain, household: HouseholdId) => {
  const look = looks.get(household);
  return reachable && look !== undefined ? ok(look) : fail('unreachable' as const);
};

const winnerIn = (landed: readonly Landed[], { intent }: Marked) =>
  landed.find((one) => one.intent === intent && one.error === undefined);

const whyNot = ({ from, mintWh, energyWh }: TokenMove, balances: Map<string, number>) =>
  (balances.get(from) ?? 0) + mintWh < energyWh ? 'too few tokens' : undefined;

function statusIn(
  { landed, denied, final }: FakeChain,
  move: Marked,
  signature: string,
): MoveStatus {
  const found = landed.find((one) => one.signature === signature);
  if (found === undefined || denied.has(signature)) return { kind: 'unseen' };
  if (found.error === undefined) return { kind: 'seen', final };
  const winner = winnerIn(landed, move);
  if (found.error === 'already landed')
    return { kind: 'landed-otherwise', signature: winner?.signature, final };
  return { kind: 'failed', final, why: found.error };
}
