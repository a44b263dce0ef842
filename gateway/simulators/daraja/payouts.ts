/** Money that the hub sends to phones (B2C), and what M-Pesa tells about it. */
import type { Cents } from '../../core/units.ts';
import { type Behaviours, type ReceiverPlan, receiverOf, receiverPlans } from './behaviours.ts';
import { dottedStamp } from './east-africa-time.ts';
import type { SimulatedLedger, Transfer } from './ledger.ts';
import { shillingNumber } from './money-text.ts';
import type { Names } from './names.ts';
import type { Settings } from './options.ts';
import type { PostOffice } from './post-office.ts';
import { type ResultParameter, resultMessage, timeoutMessage } from './result-message.ts';
import type { Timetable } from './timetable.ts';

/** Limits of one payout (Daraja 3.0, B2C: KES 10 to 250,000). */
const leastCents = 1_000;
const mostCents = 25_000_000;
/** ResultCodes of B2C (Daraja 3.0). */
const utilityShort = 1;
const receiverFull = 8;
const ninetySecondsMs = 90_000;
/** From a reported queue time-out to the payment all the same, in neighbourhood ms. */
const afterTimeoutMs = 30_000;
/** Payouts that one run remembers; then M-Pesa is busy. */
const payoutsMax = 100_000;

export type PayoutRequest = {
  readonly originatorConversationId: string;
  readonly phone: string;
  readonly amountCents: Cents;
  /** Asks the initiator's desk for its code; once, and only about a request that is accepted. */
  readonly checkInitiator: () => number;
  readonly resultUrl: string;
  readonly timeoutUrl: string;
};

export type Payout = {
  readonly transactionId: string;
  readonly originatorConversationId: string;
  readonly conversationId: string;
  readonly phone: string;
  readonly amountCents: Cents;
  readonly state: 'pending' | 'paid' | 'failed';
  readonly code: number | undefined;
  readonly askedAtMs: number;
  readonly endedAtMs: number | undefined;
};

export type Acceptance =
  | {
      readonly kind: 'accepted';
      readonly payout: Payout;
      readonly answerLost: boolean;
      /** The result comes first: the answer waits for this. */
      readonly told: Promise<void> | undefined;
    }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'busy' };

export type PayoutDesk = {
  accept(request: PayoutRequest): Acceptance;
  /** By the hub's id or by M-Pesa's transaction. */
  find(id: string): Payout | undefined;
  /** All of them, whatever became of them. */
  list(): Payout[];
};

export type PayoutNeeds = {
  readonly settings: Pick<Settings, 'clock' | 'resultDelay'> & { readonly behaviours: Behaviours };
  readonly ledger: SimulatedLedger;
  readonly names: Names;
  readonly timetable: Timetable;
  readonly post: PostOffice;
};

type Pending = { -readonly [key in keyof Payout]: Payout[key] } & {
  readonly request: PayoutRequest;
  readonly plan: ReceiverPlan;
  /** What forbids it; 0 when nothing does, and then the money is on its way. */
  readonly refusal: number;
  readonly transfer: Transfer | undefined;
};

/** Opens the desk that pays out. */
export function openPayouts(needs: PayoutNeeds): PayoutDesk {
  const { settings, timetable, post } = needs;
  const payouts = new Map<string, Pending>();
  const byTransaction = new Map<string, Pending>();
  const lostOnce = new Set<string>();

  function accept(request: PayoutRequest): Acceptance {
    const id = request.originatorConversationId;
    if (payouts.has(id)) return { kind: 'duplicate' };
    if (payouts.size + lostOnce.size >= payoutsMax) return { kind: 'busy' };
    const plan = receiverPlans[receiverOf(request.phone, settings.behaviours)];
    if (plan.answer === 'lost-before' && !lostOnce.has(id)) {
      lostOnce.add(id);
      return { kind: 'lost' };
    }
    const payout = newPayout(needs, request, plan);
    payouts.set(id, payout);
    byTransaction.set(payout.transactionId, payout);
    const told = post.isEarly('payout', payout.phone) ? end(payout) : undefined;
    if (told === undefined) schedule(payout);
    const answerLost = plan.answer === 'lost-after';
    return { kind: 'accepted', payout: shown(payout), answerLost, told };
  }

  function schedule(payout: Pending): void {
    const { plan, request } = payout;
    const waitMs =
      plan.wait === 'payout'
        ? timetable.within(settings.resultDelay, `payout ${payout.phone}`)
        : ninetySecondsMs;
    timetable.after(waitMs, () => {
      if (!plan.queueTimesOut) return void end(payout);
      const letter = { kind: 'queue-timeout', url: request.timeoutUrl } as const;
      void post.send({ ...letter, about: payout.phone, body: timeoutMessage(payout) });
      timetable.after(afterTimeoutMs, () => void end(payout));
    });
  }

  function end(payout: Pending): Promise<void> {
    payout.code = carryOut(needs.ledger, payout);
    payout.state = payout.code === 0 ? 'paid' : 'failed';
    payout.endedAtMs = settings.clock.now();
    const parameters = payout.code === 0 ? parametersOf(needs.ledger, payout) : undefined;
    const body = resultMessage(payout, payout.code, parameters);
    const { request, plan, phone: about } = payout;
    const copies = plan.results;
    return post.send({ kind: 'payout', url: request.resultUrl, about, body, copies });
  }

  function find(id: string): Payout | undefined {
    const payout = payouts.get(id) ?? byTransaction.get(id);
    return payout && shown(payout);
  }

  return { accept, find, list: () => [...payouts.values()].map(shown) };
}

function newPayout(
  { settings, names, ledger }: PayoutNeeds,
  request: PayoutRequest,
  plan: ReceiverPlan,
): Pending {
  const initiatorCode = request.checkInitiator();
  const forbidden = initiatorCode || limitCode(request.amountCents) || plan.code;
  const transfer = forbidden === 0 ? ledger.begin('hub', request.amountCents) : undefined;
  return {
    transactionId: names.receipt(),
    originatorConversationId: request.originatorConversationId,
    conversationId: names.conversation(),
    phone: request.phone,
    amountCents: request.amountCents,
    state: 'pending',
    code: undefined,
    askedAtMs: settings.clock.now(),
    endedAtMs: undefined,
    request,
    plan,
    refusal: forbidden || (transfer === undefined ? utilityShort : 0),
    transfer,
  };
}

function limitCode(amountCents: number): number {
  if (amountCents < leastCents) return 2;
  return amountCents > mostCents ? 3 : 0;
}

/** Lets the money arrive where nothing forbids it, and tells the ResultCode. */
function carryOut(
  ledger: SimulatedLedger,
  { refusal, transfer, phone, amountCents }: Pending,
): number {
  if (transfer === undefined) return refusal;
  if (transfer.arrive(phone) === 'full') {
    transfer.giveBack();
    return receiverFull;
  }
  ledger.charge(amountCents);
  return 0;
}

function parametersOf(ledger: SimulatedLedger, payout: Pending): ResultParameter[] {
  const { utilityCents, chargesPaidCents } = ledger.totals();
  return [
    { Key: 'TransactionAmount', Value: payout.amountCents / 100 },
    { Key: 'TransactionReceipt', Value: payout.transactionId },
    { Key: 'ReceiverPartyPublicName', Value: `${payout.phone} - JANE DOE` },
    {
      Key: 'TransactionCompletedDateTime',
      Value: dottedStamp(payout.endedAtMs ?? payout.askedAtMs),
    },
    { Key: 'B2CUtilityAccountAvailableFunds', Value: shillingNumber(utilityCents) },
    { Key: 'B2CWorkingAccountAvailableFunds', Value: shillingNumber(0) },
    { Key: 'B2CRecipientIsRegisteredCustomer', Value: 'Y' },
    { Key: 'B2CChargesPaidAccountAvailableFunds', Value: shillingNumber(chargesPaidCents) },
  ];
}

/** Without the result paths, which are secrets between hub and M-Pesa. */
function shown({ request: _r, plan: _p, refusal: _f, transfer: _t, ...payout }: Pending): Payout {
  return payout;
}
