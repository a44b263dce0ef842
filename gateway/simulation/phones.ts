/** M-Pesa and the people at their phones, in one process: it keeps the port's promises and an account of its own. */
import { cents, centsPerShilling, type EpochMs, epochMs } from '../core/units.ts';
import type {
  CallbackKind,
  Claim,
  Disbursement,
  DisbursementAnswer,
  ListedPayment,
  ListQuestion,
  MobileMoney,
  PaymentList,
  Push,
  PushAnswer,
  PushOutcome,
} from '../ports/mobile-money.ts';
import { chargeFor } from '../simulators/daraja/tariff.ts';
import { between, chance } from '../simulators/neighbourhood/chance.ts';
import type { Away } from './cuts.ts';
import type { Manner, Resident } from './residents.ts';

export type Phones = MobileMoney & {
  /** The next moment at which somebody acts or a result comes; undefined when nothing is open. */
  nextMs(): number | undefined;
  /** What happened up to now; each call back goes to `deliver` unless the internet is away, which loses it. */
  react(now: number, deliver: (token: string, body: Uint8Array) => void): void;
  /** What lies on the hub's accounts, cents. */
  readonly account: { utilityCents: number; chargesCents: number };
  readonly counts: { rung: number; paid: number; payouts: number; payerFeesCents: number };
};

type Prompt = Push & {
  readonly id: string;
  readonly receipt: string;
  readonly answerAt: number;
  readonly pays: boolean;
  readonly code: string;
  truth: 'ringing' | 'paid' | 'failed';
};
type Coming = { readonly at: number; readonly act: (deliver: Deliver) => void };
type Deliver = (token: string, claim: Claim) => void;

/** What the keeper put into each account before the first day. */
export const floatCents = 10_000_000;
const resultMs = 5_000;
const pageOf = 1_000;
const listKeptMs = 3 * 86_400_000;

export type PhoneOptions = {
  readonly seed: number;
  readonly residents: readonly Resident[];
  readonly internet: Away;
  readonly now: () => EpochMs;
};

/** What M-Pesa remembers, and what is still to come. */
type Line = Pick<Phones, 'account' | 'counts'> & {
  readonly options: PhoneOptions;
  readonly atPhone: ReadonlyMap<string, Resident>;
  /** Soonest first. */
  readonly coming: Coming[];
  readonly prompts: Map<string, Prompt>;
  readonly payments: ListedPayment[];
  readonly payouts: Set<string>;
  isAway(): boolean;
};

const lost = { kind: 'no-answer', why: 'the internet is away' } as const;
const notSent = { kind: 'not-sent', why: 'the internet is away' } as const;
const notAsked = { kind: 'not-asked', why: 'the internet is away' } as const;

export function simulatedPhones(options: PhoneOptions): Phones {
  const { internet, now } = options;
  const line: Line = {
    options,
    atPhone: new Map(options.residents.map((one) => [one.phone, one])),
    ...{ coming: [], prompts: new Map(), payments: [], payouts: new Set() },
    account: { utilityCents: floatCents, chargesCents: floatCents },
    counts: { rung: 0, paid: 0, payouts: 0, payerFeesCents: 0 },
    isAway: () => internet.isAway(now()),
  };
  const { account, counts, coming, payouts, isAway } = line;
  const ask = (token: string, claim: () => Claim) =>
    isAway() ? notAsked : answer(line, token, claim);
  return {
    ...{ account, counts },
    nextMs: () => coming[0]?.at,
    react: (until, deliver) => react(line, until, deliver),
    getReady: async () => {},
    ring: async (push) => (isAway() ? notSent : ring(line, push)),
    askAboutPush: async (id) => (isAway() ? lost : outcomeOf(line.prompts.get(id))),
    payOut: async (disbursement) => (isAway() ? notSent : payOut(line, disbursement)),
    askAboutPayout: async ({ conversationId, resultToken }) =>
      ask(resultToken, () => statusOf(payouts.has(conversationId), conversationId)),
    askAboutReceipt: async ({ receipt, resultToken }) =>
      ask(resultToken, () => statusOf(true, receipt)),
    reverse: async () => ({ kind: 'not-sent', why: 'nobody asks for it here' }),
    askBalance: async ({ resultToken }) => ask(resultToken, () => balanceOf(account)),
    listPayments: async (question) => (isAway() ? lost : pageFor(line, question)),
    registerForLists: async () =>
      isAway() ? { kind: 'not-registered', why: lost.why } : { kind: 'registered' },
    registerConfirmations: async () => ({ kind: 'registered' }),
    readCallback: (_kind: CallbackKind, body) => JSON.parse(Buffer.from(body).toString()) as Claim,
    health: () => ({
      environment: 'simulator',
      state: isAway() ? 'unreachable' : 'ok',
      detail: '',
    }),
  };
}

function later({ coming }: Line, one: Coming): void {
  const place = coming.findIndex(({ at }) => at > one.at);
  coming.splice(place < 0 ? coming.length : place, 0, one);
}

function answer(line: Line, token: string, claim: () => Claim): { readonly kind: 'asked' } {
  later(line, { at: line.options.now() + resultMs, act: (deliver) => deliver(token, claim()) });
  return { kind: 'asked' };
}

function react(
  { coming, payments, isAway }: Line,
  until: number,
  deliver: (token: string, body: Uint8Array) => void,
): void {
  const toHub: Deliver = (token, claim) => {
    if (!isAway()) deliver(token, Buffer.from(JSON.stringify(claim)));
  };
  while ((coming[0]?.at ?? Number.POSITIVE_INFINITY) <= until) coming.shift()?.act(toHub);
  const young = payments.findIndex(({ at }) => at >= until - listKeptMs);
  payments.splice(0, young < 0 ? payments.length : young);
}

function ring(line: Line, push: Push): PushAnswer {
  const { account, counts, prompts, payments, atPhone } = line;
  counts.rung += 1;
  const { seed, now } = line.options;
  const prompt = promptFor(seed, push, atPhone.get(push.phone), counts.rung, now());
  prompts.set(prompt.id, prompt);
  const act = (deliver: Deliver) => {
    prompt.truth = prompt.pays ? 'paid' : 'failed';
    if (prompt.truth === 'paid') {
      account.utilityCents += prompt.amountCents;
      counts.paid += 1;
      counts.payerFeesCents += payerFee(prompt.amountCents);
      payments.push(listed(prompt));
    }
    deliver(prompt.callbackToken, claimOf(prompt));
  };
  later(line, { at: prompt.answerAt, act });
  const { id: checkoutRequestId } = prompt;
  return { kind: 'accepted', checkoutRequestId, merchantRequestId: `m-${checkoutRequestId}` };
}

function payOut(line: Line, disbursement: Disbursement): DisbursementAnswer {
  const { account, counts, payouts } = line;
  const { conversationId, resultToken, amountCents } = disbursement;
  if (payouts.has(conversationId)) return { kind: 'duplicate' };
  payouts.add(conversationId);
  const chargeCents = chargeFor('tariff', amountCents);
  account.utilityCents -= amountCents;
  account.chargesCents -= chargeCents;
  counts.payouts += 1;
  answer(line, resultToken, () => resultOf(disbursement, chargeCents));
  return { kind: 'accepted', mpesaConversationId: `AG_${conversationId}` };
}

function pageFor({ payments }: Line, { from, to, offset }: ListQuestion): PaymentList {
  const rows = payments.filter(({ at }) => at >= from && at <= to);
  const next = offset + pageOf < rows.length ? offset + pageOf : undefined;
  return { kind: 'listed', payments: rows.slice(offset, offset + pageOf), next };
}

/** Seconds until a PIN or a refusal, and how often nothing comes of it, by manner. Assumptions. */
const manners: Readonly<
  Record<Manner, { seconds: [number, number]; fails: number; code: string }>
> = {
  prompt: { seconds: [8, 40], fails: 0, code: '1032' },
  slow: { seconds: [45, 170], fails: 0, code: '1032' },
  forgetful: { seconds: [30, 100], fails: 0.5, code: '1037' },
  'short of money': { seconds: [8, 40], fails: 0.4, code: '1' },
};

function promptFor(
  seed: number,
  push: Push,
  who: Resident | undefined,
  number: number,
  now: number,
): Prompt {
  const at = who?.number ?? 0;
  const { seconds, fails, code } = manners[who?.manner ?? 'prompt'];
  const [least, most] = seconds;
  return {
    ...push,
    id: `ws_CO_${number}`,
    receipt: `R${String(number).padStart(9, '0')}`,
    answerAt: now + Math.round(between(least, most, seed, 71, at, number)) * 1000,
    pays: chance(seed, 72, at, number) >= fails,
    code,
    truth: 'ringing',
  };
}

function outcomeOf(prompt: Prompt | undefined): PushOutcome {
  if (prompt === undefined) return { kind: 'no-answer', why: 'no such prompt' };
  if (prompt.truth === 'ringing') return { kind: 'in-flight' };
  if (prompt.truth === 'paid') return { kind: 'paid' };
  return { kind: 'failed', code: prompt.code, words: 'not paid', isOurs: false };
}

const claimOf = ({ id, code, truth, amountCents, receipt, phone }: Prompt): Claim => ({
  ...{ kind: 'push', checkoutRequestId: id, merchantRequestId: `m-${id}` },
  ...(truth === 'paid'
    ? { code: '0', amountCents, receipt, phone }
    : { code, amountCents: undefined, receipt: undefined, phone: undefined }),
});

const listed = ({ receipt, answerAt, amountCents, accountReference, phone }: Prompt) => ({
  ...{ receipt, at: epochMs(answerAt), amountCents },
  ...{ reference: accountReference, phone: phone as string },
});

const resultOf = ({ amountCents, conversationId }: Disbursement, chargeCents: number): Claim => ({
  ...{ kind: 'disbursement', final: true, code: '0', verdict: 'done', words: 'Paid out.' },
  ...{ conversationId, mpesaConversationId: undefined, transactionId: `S${conversationId}` },
  ...{ amountCents, chargeCents },
});

const statusOf = (known: boolean, receipt: string): Claim => ({
  ...{ kind: 'status', answered: known, code: known ? '0' : '24', receipt: `S${receipt}` },
  ...{ status: known ? 'completed' : undefined, amountCents: undefined, chargeCents: undefined },
});

const balanceOf = ({ utilityCents, chargesCents }: Phones['account']): Claim => ({
  ...{ kind: 'balance', answered: true, code: '0', utilityCents },
  ...{ chargesPaidCents: chargesCents, workingCents: undefined },
});

/** What a customer pays M-Pesa to reach a paybill; the tariff as noted in 2026. Above KES 1,500 it is not known. */
const payerBands = [
  { upToKes: 100, kes: 0 },
  { upToKes: 500, kes: 5 },
  { upToKes: 1_000, kes: 10 },
  { upToKes: 1_500, kes: 15 },
];

function payerFee(amountCents: number): number {
  const kes = amountCents / centsPerShilling;
  const band = payerBands.find(({ upToKes }) => kes <= upToKes) ?? payerBands.at(-1);
  return cents((band?.kes ?? 0) * centsPerShilling);
}
