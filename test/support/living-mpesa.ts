/** An M-Pesa with phones, people and a memory of its own: what really happened, whatever the hub was told. */
import { minuteMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import type {
  Claim,
  Disbursement,
  DisbursementAnswer,
  ListedPayment,
  MobileMoney,
  Push,
  PushAnswer,
  PushOutcome,
  ResultPaths,
  ReversalRequest,
} from '../../gateway/ports/mobile-money.ts';
import { aResult, aStatus, notPaid } from './fake-money.ts';

/** `lost-…`: the answer does not arrive. `cut-…`: the hub's power fails before any answer. */
export const ringManners = [
  ...(['accepted', 'lost-but-ringing', 'lost-and-silent', 'not-sent', 'busy'] as const),
  ...(['refused', 'misconfigured', 'cut-but-ringing', 'cut-and-silent'] as const),
] as const;
/** `declined-…`: taken in, and then not paid, for a reason that stands in the result. */
export const payManners = [
  ...(['accepted', 'lost-but-paid', 'lost-and-unpaid', 'not-sent', 'busy', 'refused'] as const),
  ...(['declined-unregistered', 'declined-float-empty', 'declined-receiver-full'] as const),
  ...(['cut-but-paid', 'cut-and-unpaid'] as const),
] as const;
/** The shapes that an answer to a question about a push may have; only `truth` tells anything certain. */
export const askManners = [
  ...(['truth', 'in-flight', 'empty', 'unknown-code', 'misconfigured', 'denies-payment'] as const),
  'cut',
] as const;
export const reverseManners = [
  ...(['accepted', 'lost-but-reversed', 'lost-and-kept', 'not-sent', 'cut-but-reversed'] as const),
] as const;
export type RingManner = (typeof ringManners)[number];
export type PayManner = (typeof payManners)[number];
export type AskManner = (typeof askManners)[number];
export type ReverseManner = (typeof reverseManners)[number];

/** A phone that rang. */
export type Prompt = Push & {
  readonly checkoutRequestId: string;
  readonly merchantRequestId: string;
  readonly receipt: string;
  readonly rangAt: number;
  truth: 'ringing' | 'paid' | 'failed';
  /** When the money moved; 0 before. */
  paidAt: number;
  /** The hub could know of it: its id was in an answer, or a true callback was kept. */
  isKnown: boolean;
};
/** Money that somebody sent to the paybill by hand. */
export type Paybill = ListedPayment & { isKnown: boolean };
export type Message = { readonly token: string; readonly claim: Claim };

export type LivingMpesa = MobileMoney & {
  readonly prompts: Prompt[];
  readonly paybills: Paybill[];
  /** What was really paid out, by conversation id. */
  readonly paidOut: Map<string, Disbursement>;
  /** What M-Pesa took in and did not pay. */
  readonly declined: Map<string, Disbursement>;
  /** What was really sent back, by receipt. */
  readonly reversed: Map<string, number>;
  /** Results that wait to be delivered. */
  readonly results: Message[];
  /** How the next calls are met. */
  readonly ringNext: RingManner[];
  readonly payNext: PayManner[];
  readonly askNext: AskManner[];
  readonly reverseNext: ReverseManner[];
  /** Where confirmations of payments by hand go, once somebody has registered for them. */
  confirmations: string | undefined;
  answers: boolean;
};

/** An unanswered prompt lives no longer; a PIN may come a little after it all the same. */
export const promptLifeMs = 3 * minuteMs;
const pageOf = 3;

const never = new Promise<never>(() => {});
const happens = (manner: RingManner | PayManner | ReverseManner) =>
  manner === 'accepted' || /-but-(?:ringing|paid|reversed)$/.test(manner);

function replyTo(manner: string) {
  if (manner === 'not-sent') return { kind: 'not-sent', why: 'no network' } as const;
  if (manner === 'misconfigured') return { kind: 'misconfigured', why: 'no such product' } as const;
  if (manner === 'refused' || manner === 'busy')
    return { kind: 'refused', code: manner, again: manner === 'busy' } as const;
  return { kind: 'unclear', why: 'no answer came' } as const;
}

/** `now` is M-Pesa's own time, which nobody puts back. */
export function livingMpesa(now: () => number): LivingMpesa {
  const mpesa: LivingMpesa = {
    ...{ prompts: [], paybills: [], results: [], confirmations: undefined, answers: true },
    ...{ paidOut: new Map(), declined: new Map(), reversed: new Map() },
    ...{ ringNext: [], payNext: [], askNext: [], reverseNext: [] },
    getReady: async () => {},
    ring: (push) => ring(mpesa, push, now()),
    askAboutPush: (id) => askAboutPush(mpesa, id),
    payOut: (disbursement) => payOut(mpesa, disbursement),
    reverse: (reversal) => reverse(mpesa, reversal),
    askAboutPayout: async ({ conversationId, resultToken }) =>
      answerLater(mpesa, resultToken, statusOf(mpesa, conversationId)),
    askAboutReceipt: async ({ receipt, resultToken }) =>
      answerLater(mpesa, resultToken, receiptStatus(mpesa, receipt)),
    askBalance: async ({ resultToken }: ResultPaths) =>
      answerLater(mpesa, resultToken, balanceOf(mpesa)),
    listPayments: async ({ from, to, offset }) => {
      if (!mpesa.answers) return { kind: 'no-answer', why: 'silence' };
      const rows = listOf(mpesa).filter(({ at }) => at >= from && at <= to);
      const next = offset + pageOf < rows.length ? offset + pageOf : undefined;
      return { kind: 'listed', payments: rows.slice(offset, offset + pageOf), next };
    },
    registerForLists: async () =>
      mpesa.answers ? { kind: 'registered' } : { kind: 'not-registered', why: 'silence' },
    registerConfirmations: async ({ confirmation }) => {
      if (!mpesa.answers) return { kind: 'not-registered', why: 'silence' };
      mpesa.confirmations = confirmation;
      return { kind: 'registered' };
    },
    readCallback: (_kind, body) => JSON.parse(Buffer.from(body).toString()) as Claim,
    // The simulator of the demo sends nothing by itself that nobody registered for; a real M-Pesa does.
    health: () => ({ environment: 'sandbox', state: 'ok', detail: '' }),
  };
  return mpesa;
}

async function ring(mpesa: LivingMpesa, push: Push, at: number): Promise<PushAnswer> {
  const { prompts, ringNext } = mpesa;
  const isLocked = prompts.some(({ phone, truth }) => phone === push.phone && truth === 'ringing');
  const manner = isLocked ? 'busy' : (ringNext.shift() ?? 'accepted');
  const number = prompts.length + 1;
  const names = {
    checkoutRequestId: `ws_CO_${number}`,
    merchantRequestId: `merchant-${number}`,
  };
  const isKnown = manner === 'accepted';
  const own = { receipt: `R${names.checkoutRequestId}`, rangAt: at, paidAt: 0, isKnown };
  if (happens(manner)) prompts.push({ ...push, ...names, ...own, truth: 'ringing' });
  if (manner.startsWith('cut-')) return never;
  return isKnown ? { kind: 'accepted', ...names } : replyTo(manner);
}

async function askAboutPush(mpesa: LivingMpesa, id: string): Promise<PushOutcome> {
  const prompt = mpesa.prompts.find(({ checkoutRequestId }) => checkoutRequestId === id);
  if (!mpesa.answers || prompt === undefined) return { kind: 'no-answer', why: 'silence' };
  switch (mpesa.askNext.shift() ?? 'truth') {
    case 'cut':
      return never;
    case 'empty':
      return { kind: 'no-answer', why: '500.001.1001' };
    case 'misconfigured':
      return { kind: 'misconfigured', why: 'no such product' };
    case 'unknown-code':
      return { kind: 'unknown-code', code: 'E9999' };
    case 'in-flight':
      return { kind: 'in-flight' };
    case 'denies-payment':
      return notPaid('1032');
    case 'truth':
      if (prompt.truth === 'ringing') return { kind: 'in-flight' };
      return prompt.truth === 'paid' ? { kind: 'paid' } : notPaid('1032');
  }
}

/** What the reason of a declined payout is called, and what a hub should make of it. */
const reasons: Readonly<Record<string, Parameters<typeof aResult>[0]>> = {
  'declined-unregistered': { code: '2040', verdict: 'park' },
  'declined-float-empty': { code: '1', verdict: 'pause' },
  'declined-receiver-full': { code: '8', verdict: 'next-day' },
};

async function payOut(mpesa: LivingMpesa, disbursement: Disbursement): Promise<DisbursementAnswer> {
  const { paidOut, declined, results, payNext } = mpesa;
  const { conversationId, resultToken: token, amountCents } = disbursement;
  const manner = payNext.shift() ?? 'accepted';
  const known = paidOut.has(conversationId) || declined.has(conversationId);
  const reason = reasons[manner];
  if (!known && reason !== undefined) {
    declined.set(conversationId, disbursement);
    results.push({ token, claim: aResult({ ...reason, transactionId: undefined }) });
  } else if (!known && happens(manner)) {
    paidOut.set(conversationId, disbursement);
    results.push({ token, claim: aResult({ amountCents, transactionId: undefined }) });
  }
  if (manner.startsWith('cut-')) return never;
  if (manner !== 'accepted' && reason === undefined) return replyTo(manner);
  return known
    ? { kind: 'duplicate' }
    : { kind: 'accepted', mpesaConversationId: `AG_${paidOut.size + declined.size}` };
}

/** M-Pesa takes no id for a reversal: only the receipt tells that it was done before. */
async function reverse(mpesa: LivingMpesa, { receipt, amountCents, resultToken }: ReversalRequest) {
  const manner = mpesa.reverseNext.shift() ?? 'accepted';
  const before = mpesa.reversed.has(receipt);
  if (happens(manner)) {
    mpesa.reversed.set(receipt, amountCents);
    const code = before ? 'R000001' : '0';
    const told = { final: true, code, reversed: true, transactionId: undefined, amountCents };
    mpesa.results.push({ token: resultToken, claim: { kind: 'reversal', ...told } });
  }
  if (manner.startsWith('cut-')) return never;
  if (manner === 'accepted') return { kind: 'accepted', mpesaConversationId: 'AG_R' } as const;
  return manner === 'not-sent' ? replyTo('not-sent') : replyTo('lost');
}

/** The answer to a question that M-Pesa took in comes on the path that the question named. */
function answerLater(mpesa: LivingMpesa, token: string, claim: Claim) {
  if (!mpesa.answers) return { kind: 'not-asked', why: 'silence' } as const;
  mpesa.results.push({ token, claim });
  return { kind: 'asked' } as const;
}

function statusOf({ paidOut, declined }: LivingMpesa, conversationId: string): Claim {
  if (paidOut.has(conversationId)) return aStatus({ receipt: undefined });
  if (declined.has(conversationId)) return aStatus({ receipt: undefined, status: 'declined' });
  return aStatus({ answered: false });
}

function receiptStatus(mpesa: LivingMpesa, receipt: string): Claim {
  const payment = listOf(mpesa).find((one) => one.receipt === receipt);
  if (payment === undefined) return aStatus({ answered: false });
  const status = mpesa.reversed.has(receipt) ? 'cancelled' : 'completed';
  return aStatus({ receipt, amountCents: payment.amountCents, status });
}

function balanceOf(mpesa: LivingMpesa): Claim {
  const utilityCents = utilityOf(mpesa);
  const known = { utilityCents, chargesPaidCents: undefined, workingCents: undefined };
  return { kind: 'balance', answered: true, code: '0', ...known };
}

const sum = (amounts: Iterable<number>): number => [...amounts].reduce((a, b) => a + b, 0);

/** What M-Pesa holds for the kiosk before anything happens. */
export const beginningCents = 6_000;

/** What M-Pesa holds for the hub. */
export const utilityOf = (mpesa: LivingMpesa): number =>
  beginningCents +
  sum(listOf(mpesa).map(({ amountCents }) => amountCents)) -
  sum([...mpesa.paidOut.values()].map(({ amountCents }) => amountCents)) -
  sum(mpesa.reversed.values());

/** Every payment that reached the hub's shortcode, in the order in which the money moved. */
export function listOf({ prompts, paybills }: LivingMpesa): ListedPayment[] {
  const pushed = prompts
    .filter(({ truth }) => truth === 'paid')
    .map(
      ({ receipt, paidAt, amountCents, accountReference, phone }): ListedPayment => ({
        ...{ receipt, at: epochMs(paidAt), amountCents: cents(amountCents), phone },
        reference: accountReference,
      }),
    );
  return [...pushed, ...paybills].sort((one, other) => one.at - other.at);
}
