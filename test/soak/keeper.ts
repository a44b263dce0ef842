/** The keeper of the neighbourhood: decides what the hub leaves to a person, by what M-Pesa's own pages show. */
import { hourMs } from '../../gateway/core/slot.ts';
import type { Payment } from '../../gateway/simulators/daraja/till.ts';
import { lookIntoBooks, type Witness } from './evidence.ts';
import type { Stage } from './stage.ts';

type Review = {
  readonly kind: 'top-up' | 'payout';
  readonly id: string;
  /** What M-Pesa knows it under. */
  readonly name: string;
  readonly sentMs: number | null;
};

const reviewsSql = `
  SELECT 'top-up' AS kind, id, account_reference AS name, sent_ms AS sentMs FROM topup WHERE state = 'review'
  UNION ALL SELECT 'payout', id, conversation_id, sent_ms FROM payout WHERE state = 'review'`;

const reason = 'as the pages of M-Pesa show';

/** Resolves to how much was decided. What M-Pesa may still have under way waits. */
export async function decideReviews(stage: Stage): Promise<number> {
  let reviews: Review[];
  {
    using books = lookIntoBooks(stage.card.folder);
    reviews = books.rows<Review>(reviewsSql);
  }
  if (reviews.length === 0) return 0;
  const witness = await stage.world.ask<Witness>('witness');
  let decided = 0;
  for (const review of reviews) {
    if ((review.sentMs ?? 0) > stage.clock.now() - hourMs) continue;
    const { path, body } = decisionOn(review, witness);
    await stage.askHub(`/api/money/${path}`, { reason, ...body });
    decided += 1;
  }
  return decided;
}

function decisionOn({ kind, id, name }: Review, { payments, payouts }: Witness) {
  if (kind === 'top-up') {
    const paid = payments.find(({ reference }) => reference === name);
    return paid === undefined
      ? { path: `topups/${id}/deny`, body: {} }
      : { path: `topups/${id}/confirm`, body: { receipt: paid.receipt } };
  }
  const went = payouts.find(({ originatorConversationId }) => originatorConversationId === name);
  return went === undefined
    ? { path: `out/${id}/failed`, body: {} }
    : { path: `out/${id}/went`, body: { transaction: went.transactionId } };
}

/** M-Pesa's list reaches two days back. What it holds no more is looked up on M-Pesa's pages. */
const listReachesMs = 48 * hourMs;

/**
 * Where the hub has said that nobody compared for too long, the keeper looks for payments that its list has lost and
 * enters them. Without that alarm nobody would know, and a payment that is missing stays missing.
 */
export async function enterLostPayments(stage: Stage, lost: readonly Payment[]): Promise<number> {
  const old = lost.filter(({ paidAtMs }) => paidAtMs < stage.clock.now() - listReachesMs);
  let entries: { readonly path: string; readonly body: object }[];
  {
    using books = lookIntoBooks(stage.card.folder);
    if (books.rows("SELECT id FROM money_alarm WHERE kind = 'gap'").length === 0) return 0;
    const topups = books.rows<{ id: string; name: string }>(
      'SELECT id, account_reference AS name FROM topup',
    );
    const homes = books.rows<{ id: string; phone: string }>('SELECT id, phone FROM household');
    entries = old.map(({ receipt, reference, phone, amountCents }) => {
      const topup = topups.find(({ name }) => name === reference);
      const household = homes.find((home) => home.phone === phone)?.id;
      return topup === undefined
        ? { path: `payments/${receipt}/assign`, body: { household, amount: amountCents / 100 } }
        : { path: `topups/${topup.id}/confirm`, body: { receipt } };
    });
  }
  for (const { path, body } of entries)
    await stage.askHub(`/api/money/${path}`, { reason, ...body });
  return entries.length;
}
