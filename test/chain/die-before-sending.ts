/** A hub that loses its power after a note is signed and written down, and before it is sent. */

import { receiptFileOf } from '../../gateway/commands/receipt-form.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import { valueIn } from '../adapters/solana/neighbours.ts';
import { aHubWithReceipts, aTradeOnTheChain, closeTheDay } from './a-receipt.ts';

const [books = ''] = process.argv.slice(2);
const scene = await aHubWithReceipts(books);
const trade = await aTradeOnTheChain(scene);
const day = closeTheDay(scene) as TokenIntentId;
const { memo } = valueIn(receiptFileOf(scene.hub.books, trade)).chain;
const signed = valueIn(await scene.local.chain.signNote({ intent: day, text: memo }));
scene.hub.books.receipts.saveAttempt(day, signed);
process.stdout.write(`${JSON.stringify({ folder: scene.local.folder, trade, day })}\n`, () =>
  process.kill(process.pid, 'SIGKILL'),
);
