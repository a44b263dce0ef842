/** The corner house sells to the kiosk, on a ledger whose slots the test moves by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalLedger } from '../../../gateway/adapters/solana/embedded/server.ts';
import { slotMs } from '../../../gateway/adapters/solana/embedded/slots.ts';
import { openTokenChain } from '../../../gateway/adapters/solana/token-chain.ts';
import type { HouseholdId, TokenIntentId } from '../../../gateway/core/ids.ts';
import type { Result } from '../../../gateway/core/result.ts';
import { wattHours } from '../../../gateway/core/units.ts';
import type { SignedMove, TokenChain, TokenMove } from '../../../gateway/ports/tokens.ts';

export const cornerHouse = 'corner-house' as HouseholdId;
export const kiosk = 'kiosk' as HouseholdId;

type Wishes = {
  readonly energyWh?: number;
  readonly mintWh?: number;
  readonly from?: HouseholdId;
  readonly to?: HouseholdId | undefined;
};

/** The n-th move: 100 Wh from the corner house to the kiosk, unless said otherwise. */
export function aMove(n: number, { energyWh = 100, mintWh = 0, ...ends }: Wishes = {}): TokenMove {
  const id = `01JD${String(n).padStart(22, '0')}`;
  const { from = cornerHouse } = ends;
  const to = 'to' in ends ? ends.to : kiosk;
  return {
    intent: id as TokenIntentId,
    kind: to === undefined ? 'burn' : 'transfer',
    from,
    to,
    energyWh: wattHours(energyWh),
    mintWh: wattHours(mintWh),
    memo: id,
  };
}

export function valueIn<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(`expected an answer, got ${String(result.error)}`);
}

export const heldBy = async (chain: TokenChain, ...households: HouseholdId[]): Promise<number> =>
  valueIn(await chain.supply(households)).heldWh;

/** Signs, sends, and tells the signature. */
export async function settle(chain: TokenChain, move: TokenMove): Promise<string> {
  const signed = valueIn(await chain.sign(move));
  await chain.send(signed);
  return signed.signature;
}

/** A folder that is gone when the test is over. */
export function aFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'jirani-chain-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A clock that only the test moves. */
export function aClock(startMs = 0) {
  let ms = startMs;
  return {
    elapsedMs: () => ms,
    passSlots: (slots: number) => {
      ms += slots * slotMs;
    },
  };
}

/** An attempt of which only the name is known. */
export const named = (signature: string): SignedMove => ({
  ...{ signature, raw: new Uint8Array(), lastValidHeight: 0, genesisHash: '' },
});

export type LocalChain = Disposable & {
  readonly chain: TokenChain;
  readonly clock: ReturnType<typeof aClock>;
  readonly fetch: typeof fetch;
  readonly folder: string;
  /** Switches the ledger off and on again; its machine clock starts anew at 0. */
  restart(): void;
  /** One JSON-RPC call, answered with result or error. */
  call(method: string, ...params: unknown[]): Promise<Answer>;
};
export type Answer = {
  // biome-ignore lint/suspicious/noExplicitAny: every method has a shape of its own, which the tests check.
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
};

/** A prepared chain over an embedded ledger in this process, without a socket. */
export async function aLocalChain(): Promise<LocalChain> {
  const folder = aFolder();
  const clock = aClock(60_000);
  const file = join(folder.path, 'ledger.db');
  let wallMs = Date.UTC(2026, 10, 24);
  let ledger = openLocalLedger({ file, clock, wallMs: () => wallMs });
  const ask: typeof fetch = (url, init) => ledger.fetch(url, init);
  const chain = await openTokenChain({
    cluster: 'embedded',
    urls: ['http://embedded.invalid'],
    keyDir: join(folder.path, 'keys'),
    fetch: ask,
  });
  valueIn(await chain.prepare());
  return {
    chain,
    clock,
    fetch: ask,
    folder: folder.path,
    restart() {
      ledger[Symbol.dispose]();
      clock.passSlots(-clock.elapsedMs() / slotMs);
      wallMs -= 3_600_000;
      ledger = openLocalLedger({ file, clock, wallMs: () => wallMs });
    },
    async call(method, ...params) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await ask('http://embedded.invalid', { body });
      return (await response.json()) as Answer;
    },
    [Symbol.dispose]() {
      ledger[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}
