/** The fourteen moments at which money is between two places, and the bad days on which the power goes just then. */
import type { Faults } from '../../gateway/simulators/daraja/faults.ts';
import { type Random, seededRandom } from '../../gateway/simulators/daraja/random.ts';
import type { Attack } from '../power-cut/campaign.ts';
import type { Cut } from '../power-cut/play.ts';
import type { Errand } from '../power-cut/told.ts';

/** From the state machines of money: C1 to C14. */
export type CrashPoint = {
  readonly name: string;
  /** The numbered scenario that it is. */
  readonly scenario: string;
  readonly words: string;
  /** Boundaries that leave the disk so; a seed takes one of them. */
  readonly at: readonly string[];
  readonly errand?: Errand;
  /** What has to go wrong for the point to exist. */
  readonly always?: Faults;
  /** This call has to go well for the point to be reached. */
  readonly spares?: Faults['call'];
  /** The answer to the push goes with the power: a callback that is lost too would leave only M-Pesa's list. */
  readonly losesAnswer?: true;
};

export const crashPoints: readonly CrashPoint[] = [
  {
    ...{ name: 'C1', scenario: 'S68', words: 'a push is wanted and not sent' },
    at: ['after books.topups.request#1', 'before books.topups.markSent#1'],
  },
  {
    ...{ name: 'C2', scenario: 'S69', words: 'a push may have been sent', losesAnswer: true },
    at: ['after books.topups.markSent#1', 'before money.ring#1'],
  },
  {
    ...{ name: 'C3', scenario: 'S70', words: 'a push is accepted and its id forgotten' },
    ...{ at: ['after money.ring#1', 'before books.topups.ringing#1'], losesAnswer: true },
  },
  {
    ...{ name: 'C4', scenario: 'S71', words: 'a callback is kept and not read' },
    at: ['after books.inbox.keep push#1', 'before books.topups.hear#1'],
  },
  {
    ...{ name: 'C5', scenario: 'S72', words: 'M-Pesa says paid and nothing is posted' },
    at: ['before books.topups.credit#1'],
  },
  {
    ...{ name: 'C6', scenario: 'S73', words: 'the wallet is filled and the trade not paid' },
    at: ['after books.topups.credit#1', 'before books.trades.pay#1'],
  },
  {
    ...{ name: 'C7', scenario: 'S74', words: 'the trade is paid and no token signed' },
    at: ['after books.trades.pay#1', 'after chain.sign#1'],
  },
  {
    ...{ name: 'C8', scenario: 'S75', words: 'tokens are signed and perhaps sent' },
    at: ['after books.tokens.saveAttempt#1', 'before chain.send#1', 'after chain.send#1'],
  },
  {
    ...{ name: 'C9', scenario: 'S76', words: 'tokens are final and nobody has earned' },
    at: ['before books.trades.settle#1'],
  },
  {
    ...{ name: 'C10', scenario: 'S77', words: 'a payout is wanted and not sent' },
    at: ['after books.payouts.start#1', 'before books.payouts.markSent#1'],
  },
  {
    ...{ name: 'C11', scenario: 'S78', words: 'a payout may have been sent' },
    at: ['after books.payouts.markSent#1', 'before money.payOut#1', 'after money.payOut#1'],
  },
  {
    ...{ name: 'C12', scenario: 'S79', words: 'a payout is taken in and its result lost' },
    ...{ at: ['after books.payouts.pending#1'], always: { callback: 'payout', callbackLost: 1 } },
    spares: 'b2c',
  },
  {
    ...{ name: 'C13', scenario: 'S80', words: 'a result is kept and not read' },
    at: ['after books.inbox.keep payout#1', 'before books.payouts.finish#1'],
  },
  {
    ...{
      name: 'C14',
      scenario: 'S81',
      words: 'a reversal may have been sent',
      errand: 'give-back',
    },
    at: ['after books.reversals.markSent#1', 'before money.reverse#1', 'after money.reverse#1'],
  },
];

/** What may go wrong without anything being different in the end. */
const badDays: readonly Faults[] = [
  { call: 'stk-push', busy: 1 },
  { call: 'stk-push', spikeArrest: 1 },
  { call: 'stk-push', badToken: 1 },
  { call: 'stk-query', empty: 2 },
  { call: 'stk-query', html: 1 },
  { call: 'stk-query', reset: 1 },
  { call: 'stk-query', dropAnswer: 2 },
  { call: 'b2c', dropAnswer: 1 },
  { call: 'b2c', reset: 1 },
  { call: 'b2c', html: 1 },
  { call: 'b2c', busy: 1 },
  { call: 'transaction-status', reset: 1 },
  { call: 'transaction-status', dropAnswer: 1 },
  { callback: 'push', callbackDoubled: 1, copies: 3 },
  { callback: 'payout', callbackDoubled: 1, copies: 3 },
];
/** The hub finds out by itself, but not where the power took what it would ask with. */
const silentDays: readonly Faults[] = [
  { callback: 'push', callbackLost: 1 },
  { callback: 'payout', callbackLost: 1 },
];
const badDaysMost = 3;
/** Another cut comes while the pieces are picked up, within so many boundaries of the next life. */
const secondCutShare = 0.3;
const secondCutWithin = 60;

/** The same seed gives the same attack; seed 0 is the point alone on a good day. */
export function attackAt(point: CrashPoint, seed: number): Attack {
  const { at, errand, always, losesAnswer, spares } = point;
  const random = seededRandom(seed * 101 + Number(point.name.slice(1)));
  const cuts: Cut[] = [{ at: at[seed % at.length] ?? '' }];
  const days: Faults[] = always === undefined ? [] : [always];
  if (seed > 0) {
    const isTwice = random() < secondCutShare;
    if (isTwice) cuts.push({ at: `#${1 + Math.floor(random() * secondCutWithin)}` });
    const isHeard = losesAnswer === true || isTwice || point.name === 'C4' || point.name === 'C13';
    const possible = isHeard ? badDays : [...badDays, ...silentDays];
    const choice = possible.filter(({ call }) => call === undefined || call !== spares);
    const many = Math.floor(random() * (badDaysMost + 1));
    for (let day = 0; day < many; day++) days.push(oneOf(choice, random));
  }
  return { cuts, badDays: days, errand };
}

const oneOf = <Thing>(things: readonly Thing[], random: Random): Thing => {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new Error('there is nothing to choose from');
  return thing;
};
