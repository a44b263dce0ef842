/** Top-ups as rows, and the one write that credits a wallet for a push. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, TopupId } from '../../core/ids.ts';
import { creditTopup } from '../../core/ledger.ts';
import type { Msisdn } from '../../core/phone.ts';
import type { Topup, TopupState } from '../../core/topup.ts';
import { cents, epochMs } from '../../core/units.ts';
import { deedWriter, historyWriter, postingWriter } from './postings.ts';

export type TopupRow = {
  id: string;
  household: string;
  phone: string;
  amount_cents: number;
  account_reference: string;
  state: TopupState;
  created_ms: number;
  sent_ms: number | null;
  polls: number;
  checkout_request_id: string | null;
  merchant_request_id: string | null;
  code: string | null;
  receipt: string | null;
  detail: string;
  by_hand: 0 | 1;
  claimed_ms: number | null;
  claimed_cents: number | null;
};

export const toTopup = (row: TopupRow): Topup => ({
  id: row.id as TopupId,
  household: row.household as HouseholdId,
  phone: row.phone as Msisdn,
  amountCents: cents(row.amount_cents),
  accountReference: row.account_reference,
  state: row.state,
  createdAt: epochMs(row.created_ms),
  sentAt: row.sent_ms === null ? undefined : epochMs(row.sent_ms),
  polls: row.polls,
  checkoutRequestId: row.checkout_request_id ?? undefined,
  merchantRequestId: row.merchant_request_id ?? undefined,
  code: row.code ?? undefined,
  receipt: row.receipt ?? undefined,
  detail: row.detail,
  byHand: row.by_hand === 1,
  claim:
    row.claimed_ms === null
      ? undefined
      : { at: epochMs(row.claimed_ms), amountCents: row.claimed_cents ?? undefined },
});

/** Credits within the caller's transaction, once per top-up; true when this call did it. */
export function creditWriter(db: Database) {
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const tell = historyWriter(db);
  const credited = db.prepare(
    `UPDATE topup SET state = 'credited', code = '0', credited_ms = $at, confirmed_ms = coalesce(confirmed_ms, $at)
     WHERE id = $id AND state <> 'credited'`,
  );
  const tradesOf = db.prepare<[string], { id: string }>('SELECT id FROM trade WHERE topup = ?');
  return (t: Topup, at: number): boolean => {
    if (credited.run({ id: t.id, at }).changes !== 1) return false;
    post(creditTopup(t.id, t.household, t.amountCents), at);
    deeds.remove('ask-about-topup', t.id);
    deeds.remove('ring-phone', t.id);
    for (const { id } of tradesOf.all(t.id)) tell(id, 'topup.confirmed', '', at);
    return true;
  };
}
