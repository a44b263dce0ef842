/** Phones that ring, people who answer, and what M-Pesa tells about it. */
import type { Cents } from '../../core/units.ts';
import { type Behaviours, type PayerPlan, payerOf, payerPlans } from './behaviours.ts';
import type { SimulatedLedger } from './ledger.ts';
import type { Names } from './names.ts';
import type { Settings } from './options.ts';
import type { PostOffice } from './post-office.ts';
import { type Paid, pushCallback } from './push-callback.ts';
import type { Till } from './till.ts';
import type { SimulatorClock, Timetable } from './timetable.ts';

/** Same amount, same customer within this neighbourhood time: result 17 (Daraja 3.0, M-Pesa Express). */
const sameAmountMs = 2 * 60_000;
/** A push that rings nowhere fails after this neighbourhood time. */
const withoutRingingMs = 1_000;
const ninetySecondsMs = 90_000;
/** From the time-out to the PIN of someone who pays late, in neighbourhood ms. */
const lateMs = 30_000;
/** Prompts that one run remembers; then M-Pesa is busy. */
const promptsMax = 100_000;

export type PushRequest = {
  readonly phone: string;
  readonly amountCents: Cents;
  readonly accountReference: string;
  readonly callBackUrl: string;
  /** A result that needs no phone, such as 2028 for a wrong PartyB. */
  readonly codeWithoutRinging: number | undefined;
};

export type Prompt = {
  readonly checkoutRequestId: string;
  readonly merchantRequestId: string;
  readonly phone: string;
  readonly amountCents: Cents;
  /** What the phone shows as the account. */
  readonly accountReference: string;
  readonly askedAtMs: number;
  readonly state: 'open' | 'paid' | 'failed';
  /** The ResultCode once the prompt is not open any more. */
  readonly code: number | undefined;
};

export type Placement =
  | {
      readonly kind: 'placed';
      readonly prompt: Prompt;
      readonly ackDropped: boolean;
      /** The callback comes first: the answer waits for this. */
      readonly told: Promise<void> | undefined;
    }
  | { readonly kind: 'locked' }
  | { readonly kind: 'busy' };

/** What a person may do with a prompt, and the ResultCode of it. */
const answers = { pay: 0, cancel: 1032, 'wrong-pin': 2001, ignore: 1037 } as const;
export type Deed = keyof typeof answers;
export const deeds = Object.keys(answers) as Deed[];

export type PromptDesk = {
  place(push: PushRequest): Placement;
  /** Answers in the person's stead; false when no such prompt is open. */
  answer(checkoutRequestId: string, deed: Deed): boolean;
  /** The code that a query tells; 'open' before there is one. */
  queryCode(checkoutRequestId: string): number | 'open' | undefined;
  find(checkoutRequestId: string): Prompt | undefined;
  list(): Prompt[];
};

export type PromptNeeds = {
  readonly settings: Pick<Settings, 'clock' | 'manual' | 'reaction' | 'promptLifeMs'> & {
    readonly behaviours: Behaviours;
  };
  readonly ledger: SimulatedLedger;
  readonly names: Names;
  readonly timetable: Timetable;
  readonly post: PostOffice;
  readonly till: Till;
  /** Hears of every payment by prompt, when M-Pesa tells of those too (`confirmsPushes`). */
  readonly onPaid?: ((receipt: string) => void) | undefined;
};

type Ringing = { -readonly [key in keyof Prompt]: Prompt[key] } & {
  readonly plan: PayerPlan;
  readonly callBackUrl: string;
  callOff: () => void;
};

/** Opens the desk that rings phones. */
export function openPrompts(needs: PromptNeeds): PromptDesk {
  const { settings, timetable, post } = needs;
  const prompts = new Map<string, Ringing>();
  const ringing = new Set<string>();
  const counter = openCounter(needs);
  const isRepeated = watchAmounts(settings.clock);

  function place(push: PushRequest): Placement {
    if (ringing.has(push.phone)) return { kind: 'locked' };
    if (prompts.size >= promptsMax) return { kind: 'busy' };
    const prompt = newPrompt(needs, push);
    prompts.set(prompt.checkoutRequestId, prompt);
    const code = push.codeWithoutRinging ?? (isRepeated(push) ? 17 : undefined);
    const told = post.isEarly('push', push.phone) ? endNow(prompt, code) : undefined;
    if (told === undefined) begin(prompt, code);
    const ackDropped = prompt.plan.ackDropped === true;
    return { kind: 'placed', prompt: shown(prompt), ackDropped, told };
  }

  function begin(prompt: Ringing, code: number | undefined): void {
    if (code === undefined) ring(prompt);
    else prompt.callOff = timetable.after(withoutRingingMs, () => void counter.end(prompt, code));
  }

  const payLater = (prompt: Ringing) => timetable.after(lateMs, () => counter.endLate(prompt));

  /** Somebody who typed the PIN before M-Pesa's own answer was out. */
  function endNow(prompt: Ringing, code: number | undefined): Promise<void> {
    if (code === undefined && prompt.plan.paysLater) payLater(prompt);
    return counter.end(prompt, code ?? prompt.plan.code);
  }

  function ring(prompt: Ringing): void {
    ringing.add(prompt.phone);
    if (settings.manual) return;
    const { plan } = prompt;
    prompt.callOff = timetable.after(waitOf(needs, prompt), () => {
      ringing.delete(prompt.phone);
      void counter.end(prompt, plan.code);
      if (plan.paysLater) payLater(prompt);
    });
  }

  function answer(checkoutRequestId: string, deed: Deed): boolean {
    const prompt = prompts.get(checkoutRequestId);
    if (prompt?.state !== 'open' || !ringing.delete(prompt.phone)) return false;
    prompt.callOff();
    void counter.end(prompt, answers[deed]);
    return true;
  }

  function queryCode(checkoutRequestId: string): number | 'open' | undefined {
    const prompt = prompts.get(checkoutRequestId);
    if (prompt === undefined) return undefined;
    return prompt.code === undefined ? 'open' : (prompt.plan.queryCode ?? prompt.code);
  }

  function find(checkoutRequestId: string): Prompt | undefined {
    const prompt = prompts.get(checkoutRequestId);
    return prompt && shown(prompt);
  }

  const list = () => [...prompts.values()].map(shown);
  return { place, answer, queryCode, find, list };
}

/** Takes the money, if there is any, and tells how the prompt ended. */
function openCounter({ ledger, names, settings, post, till, onPaid }: PromptNeeds) {
  function end(prompt: Ringing, code: number): Promise<void> {
    const paid = code === 0 ? collect(prompt) : undefined;
    prompt.state = paid === undefined ? 'failed' : 'paid';
    prompt.code = code === 0 && paid === undefined ? 1 : code;
    const body = pushCallback(prompt, prompt.code, paid);
    const { callBackUrl: url, phone: about, plan } = prompt;
    return post.send({ kind: 'push', url, about, body, copies: plan.callbacks });
  }

  /** The PIN after the time-out; without money it changes nothing any more. */
  function endLate(prompt: Ringing): void {
    if (ledger.balanceOf(prompt.phone) >= prompt.amountCents) void end(prompt, 0);
  }

  function collect(prompt: Ringing): Paid | undefined {
    const { phone, amountCents, checkoutRequestId, accountReference: reference } = prompt;
    if (!ledger.pay(phone, amountCents)) return undefined;
    const paid = { receipt: names.receipt(), paidAtMs: settings.clock.now() };
    till.take({ ...paid, phone, amountCents, checkoutRequestId, reference });
    onPaid?.(paid.receipt);
    return paid;
  }

  return { end, endLate };
}

/** Tells whether the same phone was asked for the same amount just now. A refused repetition does not count. */
function watchAmounts(clock: SimulatorClock) {
  const lastAskedMs = new Map<string, number>();
  return ({ phone, amountCents }: PushRequest): boolean => {
    const asked = `${phone} ${amountCents}`;
    const last = lastAskedMs.get(asked);
    // The distance, so that a clock set back does not forbid the amount for hours.
    if (last !== undefined && Math.abs(clock.now() - last) < sameAmountMs) return true;
    lastAskedMs.set(asked, clock.now());
    return false;
  };
}

function newPrompt({ settings, names }: PromptNeeds, push: PushRequest): Ringing {
  const { phone, amountCents, accountReference, callBackUrl } = push;
  return {
    checkoutRequestId: names.checkoutRequest(phone),
    merchantRequestId: names.merchantRequest(),
    phone,
    amountCents,
    accountReference,
    callBackUrl,
    askedAtMs: settings.clock.now(),
    plan: payerPlans[payerOf(phone, settings.behaviours)],
    state: 'open',
    code: undefined,
    callOff: () => {},
  };
}

function waitOf({ settings, timetable }: PromptNeeds, { plan: { wait }, phone }: Ringing): number {
  if (wait === 'prompt-life') return settings.promptLifeMs;
  return wait === 'ninety-seconds'
    ? ninetySecondsMs
    : timetable.within(settings.reaction, `reaction ${phone}`);
}

/** Without the callback path, which is a secret between hub and M-Pesa. */
function shown({ plan: _plan, callBackUrl: _url, callOff: _callOff, ...prompt }: Ringing): Prompt {
  return prompt;
}
