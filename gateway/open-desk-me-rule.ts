/** A household's standing rule and choices as its page shows and changes them: dated rows, never overwritten past. */
import { keepUntil } from './core/advice.ts';
import { type Choice, tonightOf } from './core/choice.ts';
import type { StandingRule } from './core/household.ts';
import type { HouseholdId } from './core/ids.ts';
import { fail, ok, type Result } from './core/result.ts';
import { minuteMs, nextSlot, slotAt, slotStart } from './core/slot.ts';
import { cents, centsPerKwh, epochMs, wattHours } from './core/units.ts';
import type { Problem } from './ports/desk.ts';
import type { MeOrder, MeRule, RuleChange } from './ports/me-desk.ts';
import type { Needs } from './ports/needs.ts';

type Hub = Pick<Needs, 'books' | 'clock'>;

/** Behind every dated row. */
const inTheEnd = epochMs(Number.MAX_SAFE_INTEGER);

/** What holds from the next slot on. */
export function ruleView({ books, clock }: Hub, id: HouseholdId): MeRule {
  const rule = books.households.ruleOf(id, inTheEnd);
  const choice = books.choices.at(id, inTheEnd);
  return {
    reserveWh: choice.reserveWh,
    tonight: tonightOf(choice, clock.now()),
    askFirst: choice.askFirst,
    sellFloorCents: rule.sellFloor,
    buyCeilingCents: rule.buyCeiling,
    quietFromMinute: Math.floor(rule.quietFromMs / minuteMs),
    quietUntilMinute: Math.floor(rule.quietUntilMs / minuteMs),
    language: books.households.find(id)?.language ?? 'en',
  };
}

/** Prices and quiet hours begin at the next slot; what decides about energy counts from the next round. */
export function changeRule(hub: Hub, id: HouseholdId, change: RuleChange): Result<MeRule, Problem> {
  if (Object.keys(change).length === 0) return fail(nothing);
  const { books, clock } = hub;
  const now = clock.now();
  const before = books.households.ruleOf(id, inTheEnd);
  const rule = withPrices(before, change);
  if (Object.entries(rule).some(([name, value]) => before[name as keyof StandingRule] !== value))
    books.households.agree(id, rule, slotStart(nextSlot(slotAt(now))));
  const { reserveWh, tonight, askFirst, language } = change;
  if (reserveWh !== undefined || tonight !== undefined || askFirst !== undefined) {
    const chosen = books.choices.at(id, inTheEnd);
    const choice: Choice = {
      reserveWh: wattHours(reserveWh ?? chosen.reserveWh),
      tonight: tonight ?? chosen.tonight,
      tonightUntil: tonight === undefined ? chosen.tonightUntil : keepUntil(now),
      askFirst: askFirst ?? chosen.askFirst,
    };
    books.choices.choose(id, choice, now);
  }
  if (language !== undefined) books.choices.speak(id, language);
  return ok(ruleView(hub, id));
}

/** What it is willing to buy from the next slot on. */
export function orderView({ books }: Hub, id: HouseholdId): MeOrder {
  const rule = books.households.ruleOf(id, inTheEnd);
  return {
    ...{ buy: rule.autoBuy, ceilingCents: rule.buyCeiling },
    ...{ dayMostCents: rule.buyDailyCents, blockCents: rule.blockCents },
  };
}

/** Who only sells has consented to no purchase; that is changed with the keeper. */
export function setOrder(hub: Hub, id: HouseholdId, order: MeOrder): Result<MeOrder, Problem> {
  const { books, clock } = hub;
  const household = books.households.find(id);
  if (household === undefined) return fail(unknown);
  if (household.role === 'seller') return fail(sellsOnly);
  const rule: StandingRule = {
    ...books.households.ruleOf(id, inTheEnd),
    autoBuy: order.buy,
    buyCeiling: centsPerKwh(order.ceilingCents),
    buyDailyCents: cents(order.dayMostCents),
    blockCents: cents(order.blockCents),
  };
  books.households.agree(id, rule, slotStart(nextSlot(slotAt(clock.now()))));
  return ok(orderView(hub, id));
}

const unknown: Problem = {
  status: 404,
  title: 'No such household',
  detail: 'This hub does not know the household any more.',
};

const sellsOnly: Problem = {
  status: 409,
  title: 'Sells only',
  detail: 'This household is enrolled as a seller; the hub keeper changes that.',
};

const withPrices = (rule: StandingRule, change: RuleChange): StandingRule => ({
  ...rule,
  sellFloor: centsPerKwh(change.sellFloorCents ?? rule.sellFloor),
  buyCeiling: centsPerKwh(change.buyCeilingCents ?? rule.buyCeiling),
  quietFromMs: minutes(change.quietFromMinute) ?? rule.quietFromMs,
  quietUntilMs: minutes(change.quietUntilMinute) ?? rule.quietUntilMs,
});

const minutes = (value: number | undefined) => (value === undefined ? undefined : value * minuteMs);

const nothing: Problem = {
  status: 400,
  title: 'Nothing to change',
  detail: 'Name at least one thing that should change.',
};
