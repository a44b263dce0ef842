/** What a demo's `--json` shows: counted at both ends, at the hub and at those who stand outside of it. */
import { join } from 'node:path';
import { storedReadings } from '../adapters/readings/stored-readings.ts';
import type { ChainView, LedgerView, TradeView } from '../ports/desk.ts';
import type { WorldReady } from './demo-parts.ts';
import { askHub, closedTrades, type Hub } from './demo-talk.ts';

export type DemoReport = {
  readonly trades: readonly Pick<
    TradeView,
    | 'id'
    | 'sellerId'
    | 'buyerId'
    | 'energyWh'
    | 'priceCentsPerKwh'
    | 'amountCents'
    | 'state'
    | 'checkoutRequestId'
    | 'receipt'
    | 'signature'
    | 'payoutId'
  >[];
  /** What meters got a PUBACK for, as the meters count it, and how many of those rows are on disk. */
  readonly readings: { readonly acknowledged: number; readonly stored: number };
  readonly ledger: { readonly trialBalanceCents: number; readonly trialBalanceWh: number };
  readonly chain: { readonly supplyWh: number; readonly heldWh: number };
};

/** Asks everybody; the meters first stop, so that no reading is between two counts. */
export async function reportOn(
  hub: Hub,
  world: WorldReady,
  run: { readonly dataDir: string; readonly boot: number; readonly earlier: ReadonlySet<string> },
): Promise<DemoReport> {
  const acknowledged = await finishMeters(world);
  const trades = await closedTrades(hub, run.earlier);
  const ledger = await askHub<LedgerView>(hub, '/api/ledger');
  const { supplyWh, heldWh } = await askHub<ChainView>(hub, '/api/chain');
  return {
    trades: trades.map(({ origin: _origin, createdAt: _createdAt, ...trade }) => trade),
    readings: { acknowledged, stored: storedSince(run.dataDir, run.boot) },
    ledger: {
      trialBalanceCents: ledger.trialBalanceCents,
      trialBalanceWh: ledger.trialBalanceWh,
    },
    chain: { supplyWh, heldWh },
  };
}

/** The meters finish their day: what they had acknowledged is then counted to the last one. */
async function finishMeters({ controlUrl }: WorldReady): Promise<number> {
  const response = await fetch(`${controlUrl}/control/meters/finish`, { method: 'POST' });
  return ((await response.json()) as { acknowledged: number }).acknowledged;
}

/** Rows of this life of the meters, counted in the file itself. */
function storedSince(dataDir: string, boot: number): number {
  let stored = 0;
  for (const reading of storedReadings(join(dataDir, 'readings.db'))) {
    if (reading.boot === boot) stored += 1;
  }
  return stored;
}
