/**
 * M-Pesa's own list of the payments that reached the hub's shortcode in the last 48 hours: Pull Transactions.
 * With the query of a push it is the only truth about money in that M-Pesa tells on our own connection.
 */
import { randomBytes } from 'node:crypto';
import { readPhone } from '../../core/phone.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { cents } from '../../core/units.ts';
import type {
  ListedPayment,
  ListQuestion,
  PaymentList,
  Registered,
} from '../../ports/mobile-money.ts';
import { notRegistered, whyOf } from './c2b.ts';
import type { CallbackAddress } from './callback-address.ts';
import {
  amountIn,
  balanceIn,
  centsIn,
  type Fields,
  fieldsIn,
  writtenIn,
} from './callback-fields.ts';
import { toldBy } from './problems.ts';
import type { ProductCall, Reply } from './product-call.ts';
import { listTimeAt, listTimeIn } from './timestamp.ts';
import { codeText, idText } from './wire.ts';

export type ListNeeds = {
  readonly call: ProductCall;
  readonly addressFor: CallbackAddress;
  readonly shortcode: string;
  /** The Safaricom number that M-Pesa wants named for the shortcode; undefined when nobody set it. */
  readonly nominatedPhone: string | undefined;
};

const registerPath = '/pulltransactions/v1/register';
const queryPath = '/pulltransactions/v1/query';
const found = ['1000', '0'];
const nothingFound = '1001';
/** 1001 is also what registering a second time is answered with. */
const registered = ['0', '1000', '1001'];
/** A thousand rows of a few hundred bytes fit. */
const answerBytesMost = 1_048_576;
/** The rows lie in an array, in an array of arrays, or in either of them written as text. */
const nestingMost = 5;
const rowFields = ['Response', 'Transaction', 'Transactions'];

/** Once per shortcode, before the first list; a second time does no harm. */
export async function registerForLists(needs: ListNeeds): Promise<Registered> {
  const { call, addressFor, shortcode, nominatedPhone } = needs;
  if (nominatedPhone === undefined) return notRegistered('no nominated phone number is set');
  // M-Pesa wants an address here too. Nothing that arrives there is used, so the path leads nowhere.
  const address = addressFor(randomBytes(16).toString('hex'));
  if (address.kind !== 'address') return notRegistered(whyOf(address));
  const reply = await call(registerPath, () => ({
    ShortCode: shortcode,
    RequestType: 'Pull',
    NominatedNumber: nominatedPhone,
    CallBackURL: address.address,
  }));
  if (reply.kind === 'objected') return notRegistered(toldBy(reply.objected));
  if (reply.kind !== 'said') return notRegistered(reply.why);
  const code = responseCodeIn(fieldsIn(reply.body));
  if (code !== undefined && registered.includes(code)) return { kind: 'registered' };
  return notRegistered(`the answer has response code ${code ?? 'none'}`);
}

/**
 * One page of the list. Safe to repeat. How many rows a page holds is not documented, so only an empty page
 * is the last one. A row that cannot be read spoils its page: a payment must not vanish from a comparison.
 */
export async function listPayments(
  { call, shortcode }: ListNeeds,
  { from, to, offset }: ListQuestion,
): Promise<PaymentList> {
  const question = () => ({
    ShortCode: shortcode,
    StartDate: listTimeAt(from),
    EndDate: listTimeAt(to),
    OffSetValue: String(offset),
  });
  return pageIn(await call(queryPath, question, { method: 'GET', answerBytesMost }), offset);
}

function pageIn(reply: Reply, offset: number): PaymentList {
  if (reply.kind === 'misconfigured') return reply;
  if (reply.kind === 'objected') return noAnswer(toldBy(reply.objected));
  if (reply.kind !== 'said') return noAnswer(reply.why);
  const rows = rowsIn(fieldsIn(reply.body));
  if (!rows.ok) return noAnswer(rows.error);
  if (rows.value.length === 0) return lastPage;
  const read = rows.value.map(paymentIn);
  if (read.includes(undefined)) return noAnswer('a row of the list cannot be read');
  const payments = read.filter((row) => row !== undefined && row !== 'taken-back');
  return { kind: 'listed', payments, next: offset + rows.value.length };
}

const responseCodeIn = (answer: Fields): string | undefined =>
  codeText(answer.get('ResponseCode') ?? answer.get('ResponseStatus'));

function rowsIn(answer: Fields): Result<unknown[], string> {
  const code = responseCodeIn(answer);
  const lists = rowFields
    .map((field) => answer.get(field) ?? undefined)
    .filter((list) => list !== undefined);
  if (code === nothingFound && lists.length === 0) return ok([]);
  const rows = lists.length === 0 ? undefined : flattened(lists, nestingMost);
  if (rows === undefined) return fail(`no list that can be read (code ${code ?? 'none'})`);
  const fits =
    code === nothingFound ? rows.length === 0 : code !== undefined && found.includes(code);
  return fits ? ok(rows) : fail(`the list has response code ${code ?? 'none'}`);
}

/** The rows however deep they lie; undefined when something among them is text, but no list. */
function flattened(value: unknown, levelsLeft: number): unknown[] | undefined {
  if (levelsLeft < 0 || value === undefined) return undefined;
  if (typeof value === 'string') return flattened(readText(value), levelsLeft - 1);
  if (!Array.isArray(value)) return [value];
  const rows: unknown[] = [];
  for (const inner of value) {
    const more = flattened(inner, levelsLeft - 1);
    if (more === undefined) return undefined;
    for (const row of more) rows.push(row);
  }
  return rows;
}

/** A list that was written as text; no rows for no text. */
function readText(text: string): unknown {
  if (text.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? undefined : value;
  } catch {
    return undefined;
  }
}

function paymentIn(row: unknown): ListedPayment | 'taken-back' | undefined {
  const fields = new Map([...fieldsIn(row)].map(([name, value]) => [name.toLowerCase(), value]));
  const receipt = idText(fields.get('transactionid'));
  const at = listTimeIn(fields.get('trxdate'));
  const amountCents = amountIn(fields.get('amount'));
  const reference = writtenIn(fields.get('billreference') ?? '');
  if (receipt === undefined || at === undefined || reference === undefined) return undefined;
  // What went back is no payment, and the others on its page are still to be read; the balance tells of it.
  if (isTakenBack(fields.get('amount'))) return 'taken-back';
  // A payment of nothing does not exist.
  if (amountCents === undefined || amountCents === 0) return undefined;
  const phone = phoneIn(fields.get('msisdn'));
  return { receipt, at, amountCents: cents(amountCents), reference, phone };
}

/** A whole number of cents below zero, as a number or as text. */
function isTakenBack(amount: unknown): boolean {
  if (typeof amount === 'number') return amount < 0 && centsIn(-amount) !== undefined;
  return typeof amount === 'string' && (balanceIn(amount.trim()) ?? 0) < 0;
}

/** In this list a full number may come without 254. */
function phoneIn(value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const phone = readPhone(String(value));
  return phone.ok ? phone.value : undefined;
}

const lastPage: PaymentList = { kind: 'listed', payments: [], next: undefined };
const noAnswer = (why: string): PaymentList => ({ kind: 'no-answer', why });
