/** What a story leaves behind: in the books, at M-Pesa, on the chain and in the readings, without names that differ from run to run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getAssociatedTokenAddressSync } from '@solana/spl-token';
import { Connection, PublicKey } from '@solana/web3.js';
import Database from 'better-sqlite3';
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import { type ChainFacts, openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { cast, kiosk, readingsBefore, readingsOfSlot, roof } from './scenario.ts';
import type { Stage } from './stage.ts';

/** All that must be the same whether or not the power was cut. */
export type Remains = {
  readonly books: Awaited<ReturnType<typeof booksOf>>;
  readonly mpesa: ReturnType<typeof mpesaOf>;
  readonly chain: Awaited<ReturnType<typeof chainOf>>;
  readonly readings: ReturnType<typeof readingsOf>;
};

export const remainsOf = async (stage: Stage): Promise<Remains> => ({
  books: booksOf(stage.dataDir),
  mpesa: mpesaOf(stage),
  chain: await chainOf(stage),
  readings: readingsOf(stage),
});

function booksOf(dataDir: string) {
  const file = join(dataDir, 'books.db');
  using books = openBooks(file);
  using raw = openRaw(file);
  const trades = raw.rows<{ id: string }>('SELECT id FROM trade ORDER BY id');
  const unnamed = (account: string) =>
    trades.reduce((text, { id }, index) => text.replace(id, `trade-${index + 1}`), account);
  return {
    trialBalanceCents: books.audit.trialBalance('cents'),
    trialBalanceWh: books.audit.trialBalance('Wh'),
    imbalances: books.audit.imbalances().map(({ what }) => unnamed(what)),
    accounts: books.views
      .accounts()
      .map(({ account, unit, balance }) => `${unnamed(account)} ${balance} ${unit}`),
    trades: raw.rows(
      `SELECT origin, slot, seller, buyer, energy_wh, rate, amount_cents, funding, state,
         signature IS NOT NULL AS signed, payout IS NOT NULL AS paid_out FROM trade ORDER BY id`,
    ),
    topups: raw.rows('SELECT household, amount_cents, state, code FROM topup ORDER BY id'),
    payouts: raw.rows('SELECT household, sequence, amount_cents, state FROM payout ORDER BY id'),
    intents: raw.rows(
      `SELECT kind, from_household, to_household, energy_wh, mint_wh, state FROM token_intent
       ORDER BY id`,
    ),
    rounds: raw.rows(
      'SELECT slot, state, rate, offered_lots, asked_lots, matched_lots FROM round ORDER BY slot',
    ),
    settings: raw.rows('SELECT name, from_ms, value FROM setting ORDER BY name, from_ms'),
    deeds: raw.rows('SELECT kind FROM deed'),
    unreadMessages: raw.rows('SELECT body FROM inbox WHERE read_as IS NULL').length,
  };
}

/** What phones and the hub's shortcode saw. A refused repetition of a push is no prompt. */
function mpesaOf({ mpesa }: Stage) {
  return {
    prompts: mpesa
      .prompts()
      .map(({ phone, amountCents, state }) => ({ phone, amountCents, state })),
    payments: mpesa.payments().map(({ phone, amountCents }) => ({ phone, amountCents })),
    payouts: mpesa.payouts().map(({ phone, amountCents }) => ({ phone, amountCents })),
    // Asked once more, M-Pesa refuses: nothing moves, and it is how the hub learns that it was done.
    reversals: mpesa
      .reversals()
      .filter(({ state }) => state !== 'failed')
      .map(({ state, amountCents }) => ({ state, amountCents })),
    utilityCents: mpesa.totals().utilityCents,
  };
}

/** Asked over JSON-RPC, as anybody may ask. */
async function chainOf({ dataDir, ledger }: Stage) {
  const keyDir = join(dataDir, 'keys');
  const facts = JSON.parse(readFileSync(join(keyDir, 'chain.json'), 'utf8')) as ChainFacts;
  const mint = new PublicKey(facts.mint);
  const keys = openKeyring(keyDir);
  const connection = new Connection(ledger.url, 'confirmed');
  const walletOf = (one: (typeof cast)[number]) =>
    getAssociatedTokenAddressSync(mint, keys.household(one.id).publicKey);
  const landed = await connection.getSignaturesForAddress(walletOf(kiosk), {}, 'confirmed');
  const heldBy = async (one: (typeof cast)[number]) => {
    const exists = (await connection.getAccountInfo(walletOf(one))) !== null;
    return exists
      ? Number((await connection.getTokenAccountBalance(walletOf(one))).value.amount)
      : 0;
  };
  return {
    transfers: landed.filter(({ err }) => err === null).length,
    supplyWh: Number((await connection.getTokenSupply(mint)).value.amount),
    roofHoldsWh: await heldBy(roof),
    kioskHoldsWh: await heldBy(kiosk),
  };
}

/** Readings that were answered with a PUBACK and are not on the disk; and what is there. */
function readingsOf({ dataDir, acknowledged }: Stage) {
  const rows = [...storedReadings(join(dataDir, 'readings.db'))];
  rows.sort((a, b) => (a.meter < b.meter ? -1 : a.meter > b.meter ? 1 : a.sequence - b.sequence));
  const stored = rows.map(({ meter, sequence }) => `${meter} ${sequence}`);
  const promised = cast.flatMap((one) => {
    const count = readingsBefore(one).length + (acknowledged().get(one.meter) ?? 0);
    return Array.from({ length: count }, (_, index) => `${one.meter} ${index + 1}`);
  });
  const sent = cast.flatMap((one) => [...readingsBefore(one), ...readingsOfSlot(one)]).length;
  const missing = promised.filter((reading) => !stored.includes(reading));
  return { sent, acknowledged: promised.length, missing, stored };
}

function openRaw(file: string) {
  const db = new Database(file, { readonly: true });
  return {
    rows: <Row = Record<string, unknown>>(query: string) => db.prepare<[], Row>(query).all(),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

/** Every place where two remains differ, as `path: expected … found …`; empty when they are the same. */
export function differences(expected: unknown, found: unknown, path = ''): string[] {
  if (typeof expected !== 'object' || expected === null || typeof found !== 'object')
    return Object.is(expected, found)
      ? []
      : [`${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`];
  const [before, after] = [expected, found ?? {}] as Record<string, unknown>[];
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) =>
    differences(before?.[name], after?.[name], path === '' ? name : `${path}.${name}`),
  );
}
