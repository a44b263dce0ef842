/** Bad days, on order or by chance: what the next requests and callbacks meet on their way. */
import type { CallName } from './call.ts';
import type { Mutation } from './mutations.ts';
import { type Dice, seededDice } from './random.ts';

export const requestFaults = [
  'dropAnswer',
  'reset',
  'html',
  'empty',
  'busy',
  'spikeArrest',
  'badToken',
  'slow',
  'drip',
] as const;

/**
 * `dropAnswer`: the request is carried out, its answer lost. `reset`: the connection breaks, nothing is done.
 * `html`, `empty` (502), `busy` (500.003.02), `spikeArrest` (429), `badToken` (404.001.03): nothing is done.
 * `slow`, `drip`: carried out; the answer comes late, or letter by letter.
 */
export type FaultKind = (typeof requestFaults)[number];

export const callbackFaults = [
  'callbackLost',
  'callbackDoubled',
  'callbackLate',
  'callbackEarly',
  'callbackReordered',
  'callbackWrongPath',
  'callbackMutated',
] as const;

/**
 * `callbackLost`: never sent. `callbackDoubled`: sent `copies` times. `callbackLate`: sent `lateMs` later.
 * `callbackEarly`: sent and answered before the request that it belongs to is answered; pushes, payouts and
 * questions about them. `callbackReordered`: sent after the next one. `callbackWrongPath`: sent to a path that
 * differs in its last character. `callbackMutated`: changed on its way, see `mutations.ts`.
 */
export type CallbackFaultKind = (typeof callbackFaults)[number];
export type AnyFault = FaultKind | CallbackFaultKind;

export const letterKinds = [
  'push',
  'payout',
  'status',
  'reversal',
  'balance',
  'queue-timeout',
  'confirmation',
  'validation',
] as const;
/** What M-Pesa writes to somebody who asked to be called back. */
export type LetterKind = (typeof letterKinds)[number];

/** How many of the next requests or callbacks meet each fault, in the order of the lists above. */
export type Faults = { readonly [kind in AnyFault]?: number | undefined } & {
  /** Only this call; without it every call but OAuth. */
  readonly call?: CallName | undefined;
  /** Only this kind of callback; without it every kind. */
  readonly callback?: LetterKind | undefined;
  /** How long `slow` and `drip` take, in machine ms (5,000). */
  readonly slowMs?: number | undefined;
  /** How late `callbackLate` is, in neighbourhood ms (60,000). */
  readonly lateMs?: number | undefined;
  /** How often `callbackDoubled` sends (2). */
  readonly copies?: number | undefined;
  /** How `callbackMutated` changes the body; the dice choose without it. */
  readonly mutation?: Mutation | undefined;
};

/** By chance: the share of requests, or of callbacks, that meet a fault, each from 0 to 1. */
export type FaultRates = { readonly [kind in AnyFault]?: number | undefined };

/** A rough but possible day: what `--faults` starts with. */
export const roughDay: FaultRates = {
  dropAnswer: 0.02,
  reset: 0.01,
  html: 0.01,
  empty: 0.01,
  busy: 0.01,
  spikeArrest: 0.01,
  badToken: 0.01,
  slow: 0.01,
  drip: 0.01,
  callbackLost: 0.05,
  callbackDoubled: 0.05,
  callbackLate: 0.03,
  callbackEarly: 0.03,
  callbackReordered: 0.03,
  callbackWrongPath: 0.01,
  callbackMutated: 0.01,
};

export type Fault = { readonly kind: FaultKind; readonly slowMs: number };
export type CallbackFault = {
  readonly kind: CallbackFaultKind;
  readonly lateMs: number;
  readonly copies: number;
  readonly mutation: Mutation | undefined;
};

const slowDefaultMs = 5_000;
const lateDefaultMs = 60_000;
const copiesDefault = 2;
/** Orders that may be open at once. */
const ordersMax = 100;

type Order = Fault | CallbackFault;
type Open = { readonly order: Order; readonly faults: Faults; left: number };

export type FaultDesk = {
  arm(faults: Faults): void;
  /** From now on faults happen by chance; the same seed and the same requests meet the same ones. */
  roll(seed: number, rates: FaultRates): void;
  /** The fault that this request meets, which is used up by it. `about` names whom it concerns. */
  take(call: CallName, about: string): Fault | undefined;
  /** The same for a callback that leaves now. */
  takeForLetter(kind: LetterKind, about: string): CallbackFault | undefined;
  /** Whether the callback of a request that is just accepted shall come before the answer. */
  isEarly(kind: LetterKind, about: string): boolean;
};

/** Opens the desk where faults are ordered. */
export function openFaults(first: Faults): FaultDesk {
  let orders: Open[] = [];
  let dice: Dice = () => 1;
  let rates: FaultRates = {};

  function arm(faults: Faults): void {
    for (const kind of [...requestFaults, ...callbackFaults]) {
      const left = faults[kind] ?? 0;
      if (left > 0 && orders.length < ordersMax)
        orders.push({ order: orderOf(kind, faults), faults, left });
    }
  }

  /** Uses up the first open order that fits, if there is one. */
  function ordered<Kind extends AnyFault>(
    kinds: readonly Kind[],
    fits: (faults: Faults) => boolean,
  ): Order | undefined {
    const open = orders.find(
      (one) => kinds.some((kind) => kind === one.order.kind) && fits(one.faults),
    );
    if (open === undefined) return undefined;
    open.left -= 1;
    orders = orders.filter(({ left }) => left > 0);
    return open.order;
  }

  /** One throw decides among all kinds, so that their shares add up. */
  function thrown<Kind extends AnyFault>(kinds: readonly Kind[], stream: string) {
    let rest = dice(stream);
    for (const kind of kinds) {
      rest -= rates[kind] ?? 0;
      if (rest < 0) return orderOf(kind, {});
    }
    return undefined;
  }

  const take = (call: CallName, about: string): Fault | undefined => {
    const mine = ordered(
      requestFaults,
      (faults) => faults.call === call || isGeneral(faults, call),
    );
    const found =
      mine ?? (call === 'oauth' ? undefined : thrown(requestFaults, `${call} ${about}`));
    return found && 'slowMs' in found ? found : undefined;
  };
  const onItsWay = callbackFaults.filter((kind) => kind !== 'callbackEarly');
  const fitsLetter = (kind: LetterKind) => (faults: Faults) =>
    faults.callback === undefined || faults.callback === kind;
  const takeForLetter = (kind: LetterKind, about: string): CallbackFault | undefined => {
    const mine = ordered(onItsWay, fitsLetter(kind));
    const found = mine ?? thrown(onItsWay, `letter ${kind} ${about}`);
    return found && 'copies' in found ? found : undefined;
  };
  const isEarly = (kind: LetterKind, about: string): boolean => {
    const early = ['callbackEarly'] as const;
    const mine = ordered(early, fitsLetter(kind));
    return (mine ?? thrown(early, `early ${kind} ${about}`)) !== undefined;
  };

  arm(first);
  return {
    arm,
    take,
    takeForLetter,
    isEarly,
    roll(seed, newRates) {
      dice = seededDice(seed);
      rates = newRates;
    },
  };
}

function orderOf(kind: AnyFault, faults: Faults): Order {
  const { slowMs = slowDefaultMs, lateMs = lateDefaultMs, copies = copiesDefault } = faults;
  return isRequestFault(kind)
    ? { kind, slowMs }
    : { kind, lateMs, copies, mutation: faults.mutation };
}

const isRequestFault = (kind: AnyFault): kind is FaultKind =>
  requestFaults.some((one) => one === kind);

const isGeneral = (faults: Faults, call: CallName): boolean =>
  faults.call === undefined && call !== 'oauth';
