/** A day on which the corner house sells to the kiosk, over the local ledger. */
import type { TradeId } from '../../gateway/core/ids.ts';
import { dayMs, hourMs, slotAt, startOfDay } from '../../gateway/core/slot.ts';
import { epochMs, slotNumber } from '../../gateway/core/units.ts';
import { closeReceipts } from '../../gateway/steps/close-receipts.ts';
import { noteReceipts } from '../../gateway/steps/note-receipts.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { aLocalChain, type LocalChain, valueIn } from '../adapters/solana/neighbours.ts';
import { aPaidTrade, type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';

export type ReceiptScene = Disposable & { readonly local: LocalChain; readonly hub: GivenHub };

export async function aHubWithReceipts(file = ':memory:'): Promise<ReceiptScene> {
  const local = await aLocalChain();
  const belongings = { energy: { [corner]: 50_000 }, wallets: { [kiosk]: 90_000 } };
  const books = given({ file, ...belongings });
  const hub = Object.assign(books, { chain: local.chain }) as unknown as GivenHub;
  hub.books.tokens.noteChain(valueIn(await local.chain.prepare()));
  return {
    ...{ local, hub },
    [Symbol.dispose]: () => {
      hub[Symbol.dispose]();
      local[Symbol.dispose]();
    },
  };
}

/** A trade whose tokens are final on the chain. */
export async function aTradeOnTheChain({ hub, local }: ReceiptScene): Promise<TradeId> {
  const { trade, intent } = aPaidTrade(hub, { energyWh: 1_000 });
  for (let turn = 0; turn < 3; turn++) {
    await settleTokens(hub, intent.id);
    local.clock.passSlots(2);
  }
  return trade.id;
}

/** The slot that ends at an hour of the day after the first. */
export const nextDayAt = (hours: number) => ({
  name: 'slot.closed' as const,
  inTime: true,
  slot: slotNumber(slotAt(epochMs(startOfDay(nine) + dayMs + hours * hourMs)) - 1),
});

export const closeTheDay = ({ hub }: ReceiptScene, hours = 1): string | undefined => {
  closeReceipts(hub, nextDayAt(hours));
  return hub.books.deeds
    .due(epochMs(Number.MAX_SAFE_INTEGER), 100)
    .find(({ kind }) => kind === 'note-receipts')?.subject;
};

export async function note({ hub, local }: ReceiptScene, day: string, turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await noteReceipts(hub, day);
    local.clock.passSlots(2);
  }
}
