/** What may befall a hub, one thing at a time. */
import { minuteMs } from '../../gateway/core/slot.ts';
import { cents, centsPerKwh, epochMs, wattHours } from '../../gateway/core/units.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { orderTrade } from '../../gateway/steps/order-trade.ts';
import type { FakeChain } from './fake-chain.ts';
import { knock } from './given.ts';
import type { JumpyClock } from './jumpy-clock.ts';
import type { LivingHub } from './living-hub.ts';
import { confirmationOf, forgedCallback, forgedFailures, trueCallback } from './living-messages.ts';
import type {
  AskManner,
  LivingMpesa,
  Message,
  PayManner,
  Prompt,
  ReverseManner,
  RingManner,
} from './living-mpesa.ts';
import { codeOf, corner, kiosk, phoneOf, tailor } from './neighbourhood.ts';
import { type Wish, wishes } from './people.ts';

export type Happening =
  | { readonly what: 'order'; readonly energyWh: number; readonly byHand: boolean }
  | { readonly what: 'next push'; readonly manner: RingManner }
  | { readonly what: 'next question'; readonly manner: AskManner }
  | { readonly what: 'next payout'; readonly manner: PayManner }
  | { readonly what: 'pin'; readonly prompt: number; readonly pays: boolean }
  /** After the prompt has failed, somebody types the PIN all the same. */
  | { readonly what: 'late pin'; readonly prompt: number }
  | { readonly what: 'callback'; readonly prompt: number; readonly times: number }
  | {
      readonly what: 'forgery';
      readonly prompt: number;
      readonly code: string;
      readonly moreCents: number;
      /** Another prompt, whose receipt and id it names. */
      readonly borrows: number | undefined;
    }
  | { readonly what: 'result'; readonly number: number; readonly times: number }
  | { readonly what: 'forged failure'; readonly payout: number; readonly kind: number }
  | {
      readonly what: 'paybill';
      readonly kes: number;
      readonly payer: 'kiosk' | 'tailor' | 'stranger';
      readonly isConfirmed: boolean;
    }
  | { readonly what: 'next reversal'; readonly manner: ReverseManner }
  | { readonly what: 'person'; readonly wish: Wish; readonly number: number }
  | { readonly what: 'm-pesa'; readonly answers: boolean }
  | {
      readonly what: 'chain';
      readonly reachable: boolean;
      readonly takesIn: boolean;
      readonly final: boolean;
    }
  | { readonly what: 'blocks'; readonly many: number }
  | { readonly what: 'time'; readonly ms: number }
  /** Somebody sets the hub's clock wrong; 0 sets it right. */
  | { readonly what: 'wrong clock'; readonly byMs: number }
  /** At once, or with one of the next calls of the hub. */
  | { readonly what: 'power cut'; readonly calls: number };

export type World = {
  readonly mpesa: LivingMpesa;
  readonly chain: FakeChain;
  readonly living: LivingHub;
  readonly clock: JumpyClock;
};

/** After this nobody remembers the prompt. */
const lateMostMs = 30 * minuteMs;

const at = <Thing>(things: readonly Thing[], number: number) => things[number % things.length];

/** What follows from it at once happens too. */
export async function befall(world: World, happening: Happening): Promise<void> {
  prepare(world, happening);
  if (await act(world, happening)) await world.living.tick();
}

/** How the next calls will be met. */
function prepare({ mpesa, chain, clock }: World, happening: Happening): void {
  switch (happening.what) {
    case 'next push':
      return void mpesa.ringNext.push(happening.manner);
    case 'next question':
      return void mpesa.askNext.push(happening.manner);
    case 'next payout':
      return void mpesa.payNext.push(happening.manner);
    case 'next reversal':
      return void mpesa.reverseNext.push(happening.manner);
    case 'm-pesa':
      return void Object.assign(mpesa, { answers: happening.answers });
    case 'chain': {
      const { reachable, takesIn, final } = happening;
      return void Object.assign(chain, { reachable, takesIn, final });
    }
    case 'blocks':
      return void Object.assign(chain, { height: chain.height + happening.many });
    case 'wrong clock':
      return clock.beWrongBy(happening.byMs);
    default:
  }
}

/** Somebody does something; true when the hub may notice. */
async function act({ mpesa, living, clock }: World, happening: Happening): Promise<boolean> {
  switch (happening.what) {
    case 'order':
      unlessDark(() => order(living.needs, happening.energyWh, happening.byHand));
      return true;
    case 'result': {
      const message = at(mpesa.results, happening.number);
      if (message) deliver(living, [message], happening.times);
      return true;
    }
    case 'forged failure': {
      const payout = at([...mpesa.paidOut.values()], happening.payout);
      const message = payout && at(forgedFailures(payout), happening.kind);
      if (message) deliver(living, [message], 1);
      return true;
    }
    case 'person':
      unlessDark(() => wishes[happening.wish]({ mpesa, hub: living.needs }, happening.number));
      return true;
    case 'paybill':
      payByHand(mpesa, living, happening, clock.truth());
      return true;
    case 'wrong clock':
      return true;
    case 'pin':
    case 'late pin':
    case 'callback':
    case 'forgery': {
      const prompt = at(mpesa.prompts, happening.prompt);
      if (prompt) touch({ mpesa, living, now: clock.truth() }, prompt, happening);
      return true;
    }
    default:
      return false;
  }
}

type AtAPhone = Extract<Happening, { readonly prompt: number }>;
type PhoneWorld = Pick<World, 'mpesa' | 'living'> & { readonly now: number };

/** Somebody types a PIN, M-Pesa calls back, or somebody pretends to be M-Pesa. */
function touch({ mpesa, living, now }: PhoneWorld, prompt: Prompt, happening: AtAPhone): void {
  switch (happening.what) {
    case 'pin':
      if (prompt.truth === 'ringing') settle(prompt, happening.pays, now);
      return;
    case 'late pin':
      if (prompt.truth === 'failed' && now - prompt.rangAt < lateMostMs) settle(prompt, true, now);
      return;
    case 'callback': {
      const message = trueCallback(prompt);
      const kept = message && deliver(living, [message], happening.times);
      if (kept === true) prompt.isKnown = true;
      return;
    }
    case 'forgery': {
      const { code, moreCents, borrows } = happening;
      const about = borrows === undefined ? undefined : at(mpesa.prompts, borrows);
      const lie = { code, moreCents, about, receipt: about?.receipt };
      return void deliver(living, [forgedCallback(prompt, lie)], 1);
    }
  }
}

function settle(prompt: Prompt, pays: boolean, now: number): void {
  prompt.truth = pays ? 'paid' : 'failed';
  prompt.paidAt = pays ? now : 0;
}

/** Whether any of it was kept. */
export function deliver(
  { needs }: LivingHub,
  messages: readonly Message[],
  times: number,
): boolean {
  let kept = false;
  for (const { token, claim } of messages)
    for (let n = 0; n < times; n++) {
      try {
        kept = knock(needs, token, claim) !== undefined || kept;
      } catch {
        // The power went; nobody was thanked.
      }
    }
  return kept;
}

function order(needs: Needs, energyWh: number, byHand: boolean): void {
  const [seller, buyer] = [corner, byHand ? tailor : kiosk].map((id) =>
    needs.books.households.find(id),
  );
  if (seller === undefined || buyer === undefined) return;
  const rate = centsPerKwh(1_500);
  orderTrade(needs, {
    ...{ seller, buyer, rate, energyWh: wattHours(energyWh) },
    idempotencyKey: undefined,
  });
}

/** What a person asks for while the power goes is not done, and the person sees it. */
function unlessDark(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error && error.message === 'it is dark')) throw error;
  }
}

type PaidByHand = Extract<Happening, { readonly what: 'paybill' }>;

/** Somebody sends money to the paybill, under a household's code or under a name that nobody has. */
function payByHand(
  mpesa: LivingMpesa,
  living: LivingHub,
  { kes, payer, isConfirmed }: PaidByHand,
  now: number,
): void {
  const household = { kiosk, tailor, stranger: undefined }[payer];
  const paybill = {
    receipt: `P${mpesa.paybills.length + 1}`,
    at: epochMs(now),
    amountCents: cents(kes * 100),
    reference: household === undefined ? 'ROOF' : codeOf(household),
    phone: household === undefined ? '254799999999' : phoneOf(household),
    isKnown: false,
  };
  mpesa.paybills.push(paybill);
  const token = mpesa.confirmations;
  if (!isConfirmed || token === undefined) return;
  paybill.isKnown = deliver(living, [confirmationOf(token, paybill)], 1);
}
