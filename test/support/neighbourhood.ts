/** Who lives in the tests: the corner house sells, the kiosk buys, the tailor does both, the school gets gifts. */
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import type { OpenBooks } from '../../gateway/adapters/sqlite/open.ts';
import { type Household, paymentCode, type StandingRule } from '../../gateway/core/household.ts';
import type { HouseholdId, MeterId } from '../../gateway/core/ids.ts';
import type { Msisdn } from '../../gateway/core/phone.ts';
import { communityHousehold } from '../../gateway/core/settings.ts';
import { hourMs, slotAt } from '../../gateway/core/slot.ts';
import { cents, centsPerKwh, epochMs, slotNumber, wattHours } from '../../gateway/core/units.ts';

/** A Monday morning in Nairobi, at the start of a slot and long before quiet hours. */
export const nine = epochMs(Date.parse('2026-06-15T09:00:00+03:00'));
export const firstSlot = slotAt(nine);

export const corner = 'corner-house' as HouseholdId;
export const kiosk = 'kiosk' as HouseholdId;
export const tailor = 'tailor' as HouseholdId;
export const school = communityHousehold;

export const phoneOf = (id: HouseholdId): Msisdn =>
  `2547000000${String([corner, kiosk, tailor, school].indexOf(id) + 1).padStart(2, '0')}` as Msisdn;
export const codeOf = (id: HouseholdId): string =>
  paymentCode([corner, kiosk, tailor, school].indexOf(id) + 1);
export const meterOf = (id: HouseholdId): MeterId => `meter-of-${id}` as MeterId;

export const usualRule: StandingRule = {
  autoSell: true,
  autoBuy: true,
  sellFloor: centsPerKwh(1200),
  buyCeiling: centsPerKwh(1990),
  sellDailyWh: wattHours(50_000),
  buyDailyCents: cents(100_000),
  blockCents: cents(0),
  promptsDaily: 4,
  quietFromMs: 21 * hourMs,
  quietUntilMs: 6.5 * hourMs,
  ownTariff: centsPerKwh(2700),
};

const everybody: Pick<Household, 'id' | 'name' | 'role'>[] = [
  { id: corner, name: 'Corner house', role: 'seller' },
  { id: kiosk, name: 'Achieng’s kiosk', role: 'buyer' },
  { id: tailor, name: 'Tailor', role: 'both' },
  { id: school, name: 'Community school', role: 'buyer' },
];

export type Belongings = {
  /** Energy to sell, in Wh. */
  readonly energy?: Readonly<Record<string, number>>;
  /** Imports that nothing covers yet, in Wh. */
  readonly need?: Readonly<Record<string, number>>;
  readonly wallets?: Readonly<Record<string, number>>;
  readonly rules?: Readonly<Record<string, Partial<StandingRule>>>;
};

/** Everybody moves in, with meters at 0, and gets what the test says; the slot of nine o'clock closes next. */
export function moveIn(books: OpenBooks, belongings: Belongings): void {
  const { energy = {}, need = {}, wallets = {}, rules = {} } = belongings;
  const before = slotNumber(firstSlot - 1);
  books.energy.beginAt(before);
  for (const [number, household] of everybody.entries()) {
    const { id } = household;
    const own = { language: 'en', since: epochMs(0), code: paymentCode(number + 1) } as const;
    const rule = { ...usualRule, autoBuy: id !== school, ...rules[id] };
    books.households.add({ ...household, ...own, phone: phoneOf(id) }, rule);
    books.households.register(meterOf(id), id, 'grid', hashOf(`password of ${id}`), epochMs(0));
  }
  const zero = { slot: firstSlot, importMwh: 0, exportMwh: 0 } as never;
  books.energy.closeSlot({
    slot: before,
    at: nine,
    energies: [],
    counted: new Map(everybody.map(({ id }) => [meterOf(id), zero])),
    postings: everybody.flatMap(({ id }) => [
      ...given(`gift:${id}:energy`, 'exported', `energy:${id}`, energy[id]),
      ...given(`gift:${id}:need`, 'imported', `need:${id}`, need[id]),
    ]),
    intents: [],
    roundDue: false,
  });
  for (const [id, amount] of Object.entries(wallets)) fillWallet(books, id as HouseholdId, amount);
}

const given = (
  key: string,
  from: 'exported' | 'imported',
  to: `energy:${HouseholdId}` | `need:${HouseholdId}`,
  wh = 0,
) => (wh === 0 ? [] : [{ key, unit: 'Wh', from, to, amount: wattHours(wh) } as const]);

/** Whole shillings that were paid in long ago, so that today's prompts do not count them. */
export function fillWallet(books: OpenBooks, household: HouseholdId, amountCents: number): void {
  const id = `long-ago:${household}:${amountCents}` as never;
  const topup = {
    ...{ id, household, phone: phoneOf(household), amountCents: cents(amountCents) },
    ...{ accountReference: `OLD${phoneOf(household).slice(-2)}${amountCents}`.slice(0, 12) },
    ...{ state: 'intent' as const, createdAt: epochMs(1), sentAt: undefined, polls: 0 },
    ...{ checkoutRequestId: undefined, merchantRequestId: undefined },
    ...{ code: undefined, receipt: undefined, detail: '', byHand: false, claim: undefined },
  };
  books.topups.request(topup, [], epochMs(1));
  books.topups.credit(topup, epochMs(1));
  books.deeds.done(`ring-phone:${id}`);
}
