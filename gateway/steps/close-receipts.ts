/** Closes, every night, the tree of the receipts of all trades that were settled until midnight. */
import type { TokenIntentId } from '../core/ids.ts';
import { rootOf } from '../core/merkle.ts';
import {
  canonical,
  closeReceiptsAtMs,
  dayBefore,
  hexOf,
  leafOf,
  receiptOf,
  receiptsMost,
} from '../core/receipt.ts';
import { slotEnd, timeOfDayMs } from '../core/slot.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { SettledTrade } from '../ports/books/receipts.ts';
import type { Ids } from '../ports/ids.ts';
import type { TokenChain } from '../ports/tokens.ts';

type Needs = {
  books: Pick<Books, 'receipts' | 'tokens'>;
  chain: Pick<TokenChain, 'addressOf'>;
  ids: Ids;
};

/** Asked at every slot, so that a night without power only makes it later; a day without trades has no tree. */
export function closeReceipts(needs: Needs, { slot }: EventOf<'slot.closed'>): void {
  const { books, ids } = needs;
  const at = slotEnd(slot);
  if (timeOfDayMs(at) < closeReceiptsAtMs) return;
  const { day, end } = dayBefore(at);
  if (books.receipts.isClosed(day)) return;
  const settled = books.receipts.withoutReceipt(end, receiptsMost);
  if (settled.length === 0) return;
  const receipts = settled.map((one) => ({ trade: one.trade.id, text: textOf(needs, one) }));
  const root = hexOf(
    rootOf(
      ids.digest,
      receipts.map(({ text }) => leafOf(ids.digest, text)),
    ),
  );
  const id = ids.fresh() as TokenIntentId;
  books.receipts.closeDay(
    { day, id, leaves: receipts.length, root, state: 'open', signature: undefined },
    receipts,
    at,
  );
}

function textOf({ books, chain, ids }: Needs, { trade, settledAt }: SettledTrade): string {
  const ownerOf = (household: (typeof trade)['seller']) =>
    books.tokens.ownerAt(household, settledAt) ?? chain.addressOf(household);
  const { token: salt } = ids.callbackToken();
  const [seller, buyer] = [ownerOf(trade.seller), ownerOf(trade.buyer)];
  return canonical(receiptOf(trade, { seller, buyer, salt, settledAt }));
}
