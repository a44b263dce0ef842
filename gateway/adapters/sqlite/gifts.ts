/** Gifts: nothing but postings and a token intent; the posting's key makes a gift one. */
import type { Database } from 'better-sqlite3';
import type { Gift } from '../../core/gift.ts';
import { type Cover, coverNeed, giveEnergy } from '../../core/ledger.ts';
import type { TokenIntent } from '../../core/token.ts';
import type { GiftBooks } from '../../ports/books/gifts.ts';
import { intentWriter, postingWriter } from './postings.ts';

/** The gift family of books.db. */
export function giftBooks(db: Database): GiftBooks {
  const post = postingWriter(db);
  const addIntents = intentWriter(db);
  const given = db.prepare<[string]>("SELECT 1 FROM posting WHERE key = 'gift:' || ?");
  const isGiven = (id: string): boolean => given.get(id) !== undefined;
  const give = db.transaction((gift: Gift, cover: Cover, intent: TokenIntent, at: number) => {
    if (isGiven(gift.id)) return false;
    post(giveEnergy(gift), at);
    post(coverNeed(`gift:${gift.id}`, gift.to, cover), at);
    addIntents([intent], at);
    return true;
  });
  return { isGiven, give: (gift, cover, intent, at) => give.immediate(gift, cover, intent, at) };
}
