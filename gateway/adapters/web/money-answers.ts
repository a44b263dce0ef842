/** The shape of every answer about money, for the OpenAPI page; the compiler holds each against the desk's own type. */
import { z } from 'zod';
import type {
  AlarmLine,
  BalanceLine,
  Done,
  FindView,
  OutLine,
  PaymentLine,
  ReconcileView,
  ReviewsView,
  StatementView,
  TopupLine,
} from '../../ports/money-desk.ts';

const whole = z.int();
const maybeText = z.string().nullable();
const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

const topupLine = z.object({
  id: z.string(),
  household: z.string(),
  at: z.string(),
  amountCents: whole,
  state: z.string(),
  words: z.string(),
  reference: z.string(),
  receipt: maybeText,
}) satisfies z.ZodType<TopupLine>;

const paymentLine = z.object({
  receipt: z.string(),
  at: z.string(),
  amountCents: whole,
  reference: z.string(),
  phone: maybeText.meta({ description: 'masked' }),
  household: maybeText,
  words: z.string(),
}) satisfies z.ZodType<PaymentLine>;

const outLine = z.object({
  id: z.string(),
  kind: z.enum(['batch', 'withdrawal', 'reversal']),
  household: maybeText,
  at: z.string(),
  amountCents: whole,
  state: z.string(),
  detail: z.string(),
}) satisfies z.ZodType<OutLine>;

const alarmLine = z.object({
  kind: z.string(),
  subject: z.string(),
  at: z.string(),
  words: z.string(),
}) satisfies z.ZodType<AlarmLine>;

const balanceLine = z.object({
  account: z.enum(['utility', 'charges']),
  booksCents: whole,
  floatCents: whole,
  mpesaCents: whole,
  offCents: whole,
}) satisfies z.ZodType<BalanceLine>;

const next = list(z.string());

export const findAnswer = z.object({
  household: z
    .object({
      id: z.string(),
      name: z.string(),
      phone: z.string().meta({ description: 'masked' }),
      code: z.string(),
      walletCents: whole,
      earningsCents: whole,
    })
    .nullable(),
  topups: list(topupLine),
  payments: list(paymentLine),
  payouts: list(outLine),
  next,
}) satisfies z.ZodType<FindView>;

export const reviewsAnswer = z.object({
  alarms: list(alarmLine),
  topups: list(topupLine),
  suspense: list(paymentLine),
  hints: list(paymentLine),
  out: list(outLine),
  pauses: list(z.string()),
  next,
}) satisfies z.ZodType<ReviewsView>;

export const reconcileAnswer = z.object({
  at: z.string(),
  list: z.object({ complete: z.boolean(), why: z.string(), payments: whole }),
  findings: list(paymentLine),
  topups: list(topupLine),
  out: list(outLine),
  balances: list(balanceLine),
  alarms: list(alarmLine),
  next,
}) satisfies z.ZodType<ReconcileView>;

export const statementAnswer = z.object({
  household: z.string(),
  walletCents: whole,
  earningsCents: whole,
  lines: list(
    z.object({
      at: z.string(),
      account: z.enum(['wallet', 'earnings']),
      what: z.string(),
      amountCents: whole,
      balanceCents: whole,
    }),
  ),
}) satisfies z.ZodType<StatementView>;

export const doneAnswer = z.object({ did: z.string() }) satisfies z.ZodType<Done>;
