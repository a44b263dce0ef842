/** Wallets that households hold themselves. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import { arriveInWallet, leaveWallet } from '../../core/ledger.ts';
import type { OwnWallet, WalletChange, WalletLook } from '../../core/own-wallet.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { epochMs, wattHours } from '../../core/units.ts';
import type { BringProblem, WalletBooks } from '../../ports/books/wallets.ts';
import { deedWriter, postingWriter } from './postings.ts';

type WalletRow = {
  household: string;
  address: string;
  from_ms: number;
  seen_ms: number | null;
  balance_wh: number;
  allowance_wh: number;
  delegate: WalletLook['delegate'];
  left_wh: number;
};

const toWallet = (row: WalletRow): OwnWallet => ({
  household: row.household as HouseholdId,
  address: row.address,
  from: epochMs(row.from_ms),
  seen:
    row.seen_ms === null
      ? undefined
      : {
          balanceWh: wattHours(row.balance_wh),
          allowanceWh: wattHours(row.allowance_wh),
          delegate: row.delegate,
          at: epochMs(row.seen_ms),
        },
  leftWh: wattHours(row.left_wh),
});

const openMoves = `
  SELECT coalesce(sum(energy_wh), 0) AS wh FROM (
    SELECT energy_wh FROM token_intent
    WHERE from_household = @who AND state IN ('open', 'review')
    UNION ALL SELECT s.energy_wh FROM burn_share s JOIN token_intent i ON i.id = s.intent
    WHERE s.household = @who AND i.state IN ('open', 'review'))`;

/** The wallet family of books.db. */
export function walletBooks(db: Database): WalletBooks {
  return { ...walletViews(db), ...walletMoves(db) };
}

type Views = Omit<WalletBooks, 'bring' | 'saw'>;

function walletViews(db: Database): Views {
  const all = db.prepare<[], WalletRow>('SELECT * FROM own_wallet ORDER BY household');
  const of = db.prepare<[string], WalletRow>('SELECT * FROM own_wallet WHERE household = ?');
  const owed = db.prepare<[{ who: string }], { wh: number }>(openMoves);
  const reserved = db.prepare<[string], { wh: number }>(
    `SELECT coalesce(sum(energy_wh), 0) AS wh FROM trade
     WHERE seller = ? AND state IN ('matched', 'awaiting-funds')`,
  );
  const balance = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );
  const moves = db.prepare<[{ who: string }], { done: number; under_way: number }>(
    `SELECT count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE state IN ('open', 'review')) AS under_way
     FROM token_intent i WHERE from_household = @who OR to_household = @who
       OR EXISTS (SELECT 1 FROM burn_share s WHERE s.intent = i.id AND s.household = @who)`,
  );
  const outside = db.prepare<[], { wh: number }>(
    `SELECT max(0, coalesce(sum(balance), 0)) AS wh FROM account
     WHERE id = 'arrived' OR (id >= 'left:' AND id < 'left;')`,
  );
  const owedWh = (who: HouseholdId) => wattHours(owed.get({ who })?.wh ?? 0);
  return {
    all: () => all.all().map(toWallet),
    of: (household) => {
      const row = of.get(household);
      return row && toWallet(row);
    },
    owedWh,
    committedWh: (who) => wattHours(owedWh(who) + (reserved.get(who)?.wh ?? 0)),
    outsideWh: () => outside.get()?.wh ?? 0,
    leftOwedWh: (who) => (of.get(who)?.left_wh ?? 0) - (balance.get(`left:${who}`)?.balance ?? 0),
    quietMark: (who) => {
      const found = moves.get({ who });
      return found?.under_way === 0 ? String(found.done) : undefined;
    },
  };
}

function walletMoves(db: Database): Pick<WalletBooks, 'bring' | 'saw'> {
  const { of, quietMark, committedWh } = walletViews(db);
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const known = db.prepare<[string], { id: string }>('SELECT id FROM household WHERE id = ?');
  const owner = db.prepare<[string, string], { household: string }>(
    'SELECT household FROM token_owner WHERE owner = ? UNION SELECT household FROM own_wallet WHERE address = ?',
  );
  const onChain = db.prepare<[{ who: string }], { wh: number }>(
    `SELECT (SELECT coalesce(sum(mint_wh - energy_wh), 0) FROM token_intent
             WHERE from_household = @who AND state = 'done')
          + (SELECT coalesce(sum(energy_wh), 0) FROM token_intent WHERE to_household = @who AND state = 'done')
          - (SELECT coalesce(sum(s.energy_wh), 0) FROM burn_share s JOIN token_intent i ON i.id = s.intent
             WHERE s.household = @who AND i.state = 'done')
          - (SELECT coalesce(sum(left_wh), 0) FROM own_wallet WHERE household = @who)
          + (SELECT coalesce(sum(amount), 0) FROM posting
             WHERE from_account = 'arrived' AND to_account = 'bought:' || @who) AS wh`,
  );
  const keep = db.prepare(
    `INSERT INTO own_wallet (household, address, from_ms) VALUES (?, ?, ?)
     ON CONFLICT (household) DO UPDATE SET address = excluded.address, from_ms = excluded.from_ms, seen_ms = NULL`,
  );
  const keepOwner = db.prepare('INSERT OR IGNORE INTO token_owner VALUES (?, ?, ?)');
  const note = db.prepare(
    `UPDATE own_wallet SET seen_ms = ?, balance_wh = ?, allowance_wh = ?, delegate = ?,
       left_wh = left_wh + ? - ? WHERE household = ?`,
  );
  const arrived = db.prepare<[string], { wh: number }>(
    "SELECT coalesce(sum(amount), 0) AS wh FROM posting WHERE from_account = 'arrived' AND to_account = ?",
  );
  const left = db.prepare<[string], { balance: number }>(
    "SELECT balance FROM account WHERE id = 'left:' || ?",
  );

  const bring = db.transaction(
    (who: HouseholdId, address: string, at: number): Result<void, BringProblem> => {
      if (known.get(who) === undefined) return fail('no-household');
      const owners = owner.all(address, address);
      if (owners.some(({ household }) => household !== who)) return fail('address-taken');
      const isSame = owners.length > 0;
      const isQuiet = quietMark(who) !== undefined && committedWh(who) === 0;
      if (!isSame && (!isQuiet || (onChain.get({ who })?.wh ?? 0) !== 0))
        return fail('tokens-there');
      if (of(who)?.address !== address) keep.run(who, address, at);
      keepOwner.run(who, address, at);
      deeds.put('look-at-wallet', who, at);
      return ok(undefined);
    },
  );
  const saw = db.transaction(
    (who: HouseholdId, look: WalletLook, change: WalletChange | undefined, at: number) => {
      const { balanceWh, allowanceWh, delegate } = look;
      const { goneWh, backWh } = change ?? { goneWh: 0, backWh: 0 };
      note.run(at, balanceWh, allowanceWh, delegate, goneWh, backWh, who);
      if (change === undefined) return;
      post(arriveInWallet(who, change.arrivedWh, arrived.get(`bought:${who}`)?.wh ?? 0), at);
      post(leaveWallet(who, change.taken, left.get(who)?.balance ?? 0), at);
    },
  );
  return {
    bring: (who, address, at) => bring.immediate(who, address, at),
    saw: (who, look, change, at) => saw.immediate(who, look, change, at),
  };
}
