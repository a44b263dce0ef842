/** Three households, one slot, one trade: small enough that every line of its books can be foreseen. */
import { paymentCode, type StandingRule } from '../../gateway/core/household.ts';
import type { HouseholdId, MeterId } from '../../gateway/core/ids.ts';
import { readPhone } from '../../gateway/core/phone.ts';
import { minuteMs, slotAt, slotEnd, slotMs, slotStart } from '../../gateway/core/slot.ts';
import { cents, centsPerKwh, epochMs, wattHours } from '../../gateway/core/units.ts';

/** Neighbourhood ms per machine ms: the deadlines that wait for real work are then at their floors. */
export const speed = 30;
/** The slot that ends at midnight in Nairobi, when the community's rate moves too. */
export const midnightMs = Date.parse('2026-11-24T21:00:00Z');
export const slot = slotAt(epochMs(midnightMs - 1));
/** The clock stands here, just before the slot ends, until the hub has acknowledged all readings. */
export const heldMs = slotEnd(slot) - 1_000;
/** Everything before this moment stands in the books already. */
export const beganMs = slotStart(slot);
/** On the day before, the neighbourhood offered more lots than it asked for: the rate falls at midnight. */
export const yesterday = { rate: centsPerKwh(1650), offered: 10, asked: 4, matched: 4 };

type Cast = {
  readonly id: HouseholdId;
  readonly name: string;
  readonly phone: string;
  readonly code: string;
  readonly role: 'seller' | 'buyer';
  readonly meter: MeterId;
  readonly password: string;
  /** What its meter counts in the slot. */
  readonly exportsWh: number;
  readonly importsWh: number;
};

const aHousehold = (
  number: number,
  name: string,
  role: Cast['role'],
  phone: string,
  counts: Pick<Cast, 'exportsWh' | 'importsWh'>,
): Cast => ({
  ...{ id: `h${number}` as HouseholdId, name, role, phone, ...counts },
  ...{ code: paymentCode(number), meter: `m${number}` as MeterId },
  password: `a-password-of-meter-${number}`,
});

/** The roof sells one of its lots to the kiosk; the home's need is below a lot. */
export const roof = aHousehold(1, 'Roof', 'seller', '254700123456', {
  exportsWh: 2_600,
  importsWh: 0,
});
export const kiosk = aHousehold(2, 'Kiosk', 'buyer', '254708374149', {
  exportsWh: 0,
  importsWh: 1_400,
});
export const home = aHousehold(3, 'Home', 'buyer', '254711000000', {
  exportsWh: 0,
  importsWh: 300,
});
export const cast: readonly Cast[] = [roof, kiosk, home];
/** Somebody who does not live here sends money under a name that nobody has. */
export const strayed = { phone: '254722000000', amountCents: cents(2_500), reference: 'DUKA' };

export function phoneOf({ phone }: Cast) {
  const read = readPhone(phone);
  if (!read.ok) throw new Error('the cast has a phone that is not Kenyan');
  return read.value;
}

/** A phone may ring at any hour, because this neighbourhood trades at midnight. */
export const ruleOf = ({ role }: Cast): StandingRule => ({
  ...{ autoSell: role === 'seller', autoBuy: role === 'buyer' },
  ...{ sellFloor: centsPerKwh(1200), buyCeiling: centsPerKwh(1990) },
  ...{ sellDailyWh: wattHours(20_000), buyDailyCents: cents(50_000), blockCents: cents(0) },
  ...{ promptsDaily: 4, quietFromMs: 0, quietUntilMs: 0, ownTariff: centsPerKwh(2000) },
});

const firstRegisterMwh = 5_000_000;
const everyMs = 5 * minuteMs;
const boot = 7;

/** The readings of one meter every five minutes, both ends included; sequence 1 stands at `beganMs` - 5 min. */
export function readingsOf(household: Cast, fromMs: number, toMs: number): Buffer[] {
  const firstMs = beganMs - everyMs;
  const payloads: Buffer[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += everyMs) {
    const part = Math.max(0, atMs - beganMs) / slotMs;
    const counted = (wh: number) => firstRegisterMwh + Math.round(wh * 1000 * part);
    const line = {
      ...{ v: 1, s: (atMs - firstMs) / everyMs + 1, b: boot, t: atMs / 1000, tq: 2 },
      ...{ ei: counted(household.importsWh), ee: counted(household.exportsWh) },
    };
    payloads.push(Buffer.from(JSON.stringify(line)));
  }
  return payloads;
}

/** What a meter says before and what it says in the slot. */
export const readingsBefore = (household: Cast): Buffer[] =>
  readingsOf(household, beganMs - everyMs, beganMs);
export const readingsOfSlot = (household: Cast): Buffer[] =>
  readingsOf(household, beganMs + everyMs, midnightMs);
