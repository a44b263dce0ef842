/** A receipt's file: how it is made from the books, and what of it is believed when it comes back. */
import { z } from 'zod';
import { digestOf } from '../adapters/ids/ids.ts';
import { feePayerOf } from '../adapters/solana/fee-payer.ts';
import type { OpenBooks } from '../adapters/sqlite/open.ts';
import type { TradeId } from '../core/ids.ts';
import { pathOf } from '../core/merkle.ts';
import {
  hexOf,
  leafOf,
  type Receipt,
  type ReceiptDay,
  type ReceiptFile,
  receiptsMost,
  rootMemo,
} from '../core/receipt.ts';
import { fail, ok, type Result } from '../core/result.ts';

/** A tree of 10,000 leaves has paths of 14 hashes. */
const pathMost = 20;
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const address = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/);
const signature = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/);
const whole = z.int().min(0);
const moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const fileForm = z.strictObject({
  kind: z.literal('jirani-receipt'),
  version: z.literal(1),
  receipt: z.strictObject({
    version: z.literal(1),
    trade: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    ...{ seller: address, buyer: address },
    ...{ energyWh: whole, priceCentsPerKwh: whole, amountCents: whole },
    ...{ matchedAt: moment, settledAt: moment },
    signature,
    salt: z.string().regex(/^[0-9a-f]{32}$/),
  }),
  tree: z.strictObject({
    day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
    index: whole,
    size: z.int().min(1).max(receiptsMost),
    path: z.array(hex).max(pathMost),
    root: hex,
  }),
  chain: z.strictObject({
    genesisHash: address,
    hub: address,
    memo: z.string().max(200),
    memoSignature: signature.nullable(),
  }),
});

/** A file that anybody may have written; says where it is not a receipt of this kind. */
export function readReceiptFile(text: string): Result<ReceiptFile, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('it is no JSON');
  }
  const read = fileForm.safeParse(value);
  if (read.success) return ok(read.data as unknown as ReceiptFile);
  const [issue] = read.error.issues;
  return fail(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not understood'}`);
}

/** Whoever noted the day; the keys may have been rotated since. */
function signerOf({ receipts }: Pick<OpenBooks, 'receipts'>, { id }: ReceiptDay) {
  const landed = receipts.landedBytes(id);
  return landed && feePayerOf(landed);
}

/** 'not yet': the trade is not settled, or its day is not closed. */
export function receiptFileOf(
  books: Pick<OpenBooks, 'receipts' | 'tokens' | 'trades'>,
  trade: string,
): Result<ReceiptFile, 'unknown' | 'not yet'> {
  const found = books.receipts.ofTrade(trade as TradeId);
  const facts = books.tokens.chain();
  if (found === undefined || facts === undefined)
    return fail(books.trades.find(trade as TradeId) === undefined ? 'unknown' : 'not yet');
  const { day, texts, index } = found;
  const leaves = texts.map((text) => leafOf(digestOf, text));
  const path = pathOf(digestOf, leaves, index).map(hexOf);
  return ok({
    kind: 'jirani-receipt',
    version: 1,
    receipt: JSON.parse(texts[index] ?? '') as Receipt,
    tree: { day: day.day, index, size: day.leaves, path, root: day.root },
    chain: {
      genesisHash: facts.genesisHash,
      hub: signerOf(books, day) ?? facts.hub,
      memo: rootMemo(day),
      memoSignature: day.signature ?? null,
    },
  });
}
