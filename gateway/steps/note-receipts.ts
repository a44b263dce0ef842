/**
 * Notes a day's root on the chain, once, the way tokens are moved once: signed bytes are on disk before they are
 * sent, always the same bytes are sent again, and a new signature is made only when the old one can no longer land.
 */
import type { TokenIntentId } from '../core/ids.ts';
import { type ReceiptDay, rootMemo } from '../core/receipt.ts';
import { attemptsMost, judgeHeight, type TokenAttempt } from '../core/token.ts';
import type { Books } from '../ports/books/books.ts';
import type { Log } from '../ports/log.ts';
import type { ChainNote, TokenChain } from '../ports/tokens.ts';

type Needs = {
  books: Pick<Books, 'receipts'>;
  chain: Pick<TokenChain, 'signNote' | 'send' | 'statusOf' | 'winnerOf' | 'finalizedHeight'>;
  log: Log;
};

/** One careful step; the outbox comes again until the note is final. */
export async function noteReceipts(needs: Needs, subject: string): Promise<void> {
  const day = needs.books.receipts.find(subject as TokenIntentId);
  if (day === undefined || day.state === 'done') return;
  const note = { intent: day.id, text: rootMemo(day) };
  if (day.state === 'review') return finishIfLanded(needs, note);
  const attempt = needs.books.receipts.openAttempt(day.id) ?? (await signAnew(needs, day, note));
  if (attempt === undefined) return;
  if (!(await conclude(needs, note, attempt))) await pursue(needs, note, attempt);
}

async function signAnew(
  { books, chain, log }: Needs,
  day: ReceiptDay,
  note: ChainNote,
): Promise<TokenAttempt | undefined> {
  const earlier = books.receipts.attempts(day.id);
  if (earlier >= attemptsMost) {
    books.receipts.setAside(day.id);
    log.error('the receipts of a day could not be noted on the chain', { day: day.day, earlier });
    return undefined;
  }
  const signed = await chain.signNote(note, earlier);
  if (!signed.ok || !books.receipts.saveAttempt(day.id, signed.value)) return undefined;
  return signed.value;
}

/** True when there is nothing to send now: the chain has seen it, or does not answer. */
async function conclude(needs: Needs, note: ChainNote, attempt: TokenAttempt): Promise<boolean> {
  const { books, chain } = needs;
  const seen = await chain.statusOf(note, attempt);
  if (!seen.ok) return true;
  const status = seen.value;
  if (status.kind === 'unseen') return false;
  if (status.kind === 'landed-otherwise' && status.signature === undefined)
    await lookForWinner(needs, note, attempt);
  if (!status.final) return true;
  if (status.kind === 'seen') books.receipts.finish(note.intent, attempt.signature);
  else if (status.kind === 'failed') books.receipts.expireAttempt(attempt);
  else if (status.signature !== undefined) books.receipts.finish(note.intent, status.signature);
  return true;
}

/** No node has seen the attempt: send the same bytes, or prove that they are dead. */
async function pursue(needs: Needs, note: ChainNote, attempt: TokenAttempt): Promise<void> {
  const { books, chain } = needs;
  const height = await chain.finalizedHeight();
  if (!height.ok) return;
  const verdict = judgeHeight(height.value, attempt.lastValidHeight);
  if (verdict === 'send-again') {
    await chain.send(attempt);
    await conclude(needs, note, attempt);
  }
  if (verdict !== 'look-closer') return;
  // The last look comes after the height was read: what has not landed by now never will.
  const winner = await chain.winnerOf(note, attempt);
  if (!winner.ok) return;
  if (winner.value === undefined) books.receipts.expireAttempt(attempt);
  else if (winner.value.final) books.receipts.finish(note.intent, winner.value.signature);
}

/** The marker is taken: by a note of ours that a node is late to list, or by somebody else, of whom a person hears. */
async function lookForWinner(
  { books, chain, log }: Needs,
  note: ChainNote,
  { lastValidHeight }: TokenAttempt,
): Promise<void> {
  const height = await chain.finalizedHeight();
  if (!height.ok || judgeHeight(height.value, lastValidHeight) !== 'look-closer') return;
  const winner = await chain.winnerOf(note);
  if (!winner.ok) return;
  if (winner.value?.final) return books.receipts.finish(note.intent, winner.value.signature);
  if (winner.value !== undefined) return;
  books.receipts.setAside(note.intent);
  log.error('the marker of a day’s receipts is taken, and by no note of ours', { text: note.text });
}

async function finishIfLanded({ books, chain }: Needs, note: ChainNote): Promise<void> {
  const winner = await chain.winnerOf(note);
  if (winner.ok && winner.value?.final) books.receipts.finish(note.intent, winner.value.signature);
}
