/** Prepares, once, the data folder in which every run begins: households, meters, a mint, and the day before. */
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steppedClock } from '../../gateway/adapters/clock/stepped-clock.ts';
import { hashOf, openIds } from '../../gateway/adapters/ids/ids.ts';
import { openReadings } from '../../gateway/adapters/readings/open-readings.ts';
import { serveLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import { type OpenBooks, openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { dayMs, hourMs, slotEnd } from '../../gateway/core/slot.ts';
import { epochMs, slotNumber } from '../../gateway/core/units.ts';
import { openKeys } from '../../gateway/open-keys.ts';
import { closeSlots } from '../../gateway/steps/close-slots.ts';
import { beganMs, cast, phoneOf, readingsBefore, ruleOf, slot, yesterday } from './scenario.ts';

export type Template = Disposable & {
  /** A fresh copy of the folder; the caller removes it. */
  copy(): string;
};

/** How much faster than a real one the ledger of these runs makes its slots. */
const ledgerHurry = 5;
/** Long before anything in the books. */
const sinceMs = beganMs - dayMs;
/** So long that a slow machine lets no trade expire, and lets no slot close without its meters. */
const [tradeExpiryMs, graceMs] = [2 * hourMs, 24 * hourMs];

/** Slots of 80 ms of machine time. */
export const serveHurriedLedger = (dataDir: string) =>
  serveLedger({
    ...{ file: join(dataDir, 'ledger.db'), host: '127.0.0.1', port: 0 },
    clock: { elapsedMs: () => performance.now() * ledgerHurry },
  });

/** Takes about a second. */
export async function prepareTemplate(): Promise<Template> {
  using preparing = new DisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'jirani-power-cut-'));
  preparing.defer(() => rmSync(folder, { recursive: true, force: true }));
  await makeMint(folder);
  using books = openBooks(join(folder, 'books.db'));
  books.together(() => moveIn(books));
  await meterTheDayBefore(folder, books);
  const prepared = preparing.move();
  return {
    copy: () => {
      const copied = mkdtempSync(join(tmpdir(), 'jirani-power-cut-run-'));
      cpSync(folder, copied, { recursive: true });
      // The hub refuses keys that others may read, and a copied folder gets the usual rights.
      for (const name of ['.', 'keys']) chmodSync(join(copied, name), 0o700);
      return copied;
    },
    [Symbol.dispose]: () => prepared.dispose(),
  };
}

async function makeMint(folder: string): Promise<void> {
  await using ledger = await serveHurriedLedger(folder);
  const keyDir = join(folder, 'keys');
  const chain = await openTokenChain({ cluster: 'embedded', urls: [ledger.url], keyDir });
  const prepared = await chain.prepare();
  if (!prepared.ok) throw new Error(`the ledger is ${prepared.error}`);
}

function moveIn({ settings, households, energy, rounds }: OpenBooks): void {
  const since = epochMs(sinceMs);
  settings.change('rate', yesterday.rate, since);
  settings.change('payoutLeastCents', 1_000, since);
  settings.change('payoutDaily', 0, since);
  settings.change('graceMs', graceMs, since);
  settings.change('tradeExpiryMs', tradeExpiryMs, since);
  settings.change('marketOpen', 0, since);
  settings.change('marketOpen', 1, epochMs(beganMs + 1));
  for (const one of cast) {
    const { id, name, code, role, meter, password } = one;
    const who = { id, name, phone: phoneOf(one), code, role, language: 'sw' as const, since };
    households.add(who, ruleOf(one));
    households.register(meter, id, 'grid', hashOf(password), since);
  }
  const early = slotNumber(slot - 2);
  const nothing = { energies: [], counted: new Map(), postings: [], intents: [] };
  energy.beginAt(early);
  energy.closeSlot({ slot: early, at: slotEnd(early), ...nothing, roundDue: true });
  rounds.begin(early, []);
  const { rate, offered: offeredLots, asked: askedLots, matched: matchedLots } = yesterday;
  rounds.clear(early, { rate, offeredLots, askedLots, matchedLots }, [], slotEnd(early));
}

/** The registers at the slot's beginning, from which its energy is counted. */
async function meterTheDayBefore(folder: string, books: OpenBooks): Promise<void> {
  const clock = steppedClock(beganMs);
  await using readings = await openReadings({
    ...{ file: join(folder, 'readings.db'), commitMs: 0, pendingMax: 100 },
    now: () => clock.now(),
    onFatal: (error) => {
      throw error;
    },
  });
  for (const one of cast)
    for (const payload of readingsBefore(one))
      readings.enter(one.meter, () => {}).offer(payload, 0, payload.length, 0);
  await readings.flush();
  const { hubKey } = openKeys(folder, undefined);
  const ids = openIds({ hubKey, now: () => clock.now() });
  const presence = { online: () => new Set(readings.latest().keys()) };
  closeSlots({ books, readings, presence, clock, ids, tell: () => {} });
}
