/**
 * Makes a demo's neighbourhood and lives the two days before its first morning through the same steps as
 * ever, on a clock that jumps from reading to reading, with the market closed.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { steppedClock } from '../adapters/clock/stepped-clock.ts';
import { hashOf, openIds } from '../adapters/ids/ids.ts';
import { openReadings, type Readings } from '../adapters/readings/open-readings.ts';
import { type OpenBooks, openBooks } from '../adapters/sqlite/open.ts';
import { paymentCode, type StandingRule } from '../core/household.ts';
import type { HouseholdId, MeterId } from '../core/ids.ts';
import { readPhone } from '../core/phone.ts';
import { communityHousehold } from '../core/settings.ts';
import { hourMs, minuteMs, slotAt } from '../core/slot.ts';
import { cents, centsPerKwh, epochMs, wattHours } from '../core/units.ts';
import { openKeys } from '../open-keys.ts';
import type { SimulatedHousehold } from '../simulators/neighbourhood/cast.ts';
import { makeNeighbourhood, type Neighbourhood } from '../simulators/neighbourhood/model.ts';
import { rehearsalReadings } from '../simulators/neighbourhood/rehearsal.ts';
import { closeSlots } from '../steps/close-slots.ts';
import { type DemoPlan, writePlan } from './demo-plan.ts';

const passwordBytes = 24;
const readingEveryMs = 15 * minuteMs;

/** Fills an empty data folder. Takes a few seconds. */
export async function prepareDemo(
  dataDir: string,
  { seed, households, originMs }: Omit<DemoPlan, 'passwords'>,
): Promise<DemoPlan> {
  const neighbourhood = makeNeighbourhood({ seed, households, originMs });
  const { hubKey } = openKeys(dataDir, undefined);
  const clock = steppedClock(originMs);
  await using readings = await openReadings({
    file: join(dataDir, 'readings.db'),
    commitMs: 0,
    pendingMax: 10_000,
    now: () => clock.now(),
    onFatal: (error) => {
      throw error;
    },
  });
  using books = openBooks(join(dataDir, 'books.db'));
  const passwords: Record<string, string> = {};
  books.together(() => settle(books, neighbourhood, passwords));
  const ids = openIds({ hubKey, now: () => clock.now() });
  await liveThrough(neighbourhood, readings, (atMs) => {
    clock.set(atMs);
    const presence = { online: () => new Set(readings.latest().keys()) };
    closeSlots({ books, readings, presence, clock, ids, tell: () => {} });
  });
  books.settings.change('marketOpen', 1, epochMs(neighbourhood.startMs));
  const plan = { seed, households, originMs, passwords };
  writePlan(dataDir, plan);
  return plan;
}

/** Moves everybody in, and sets what a demo sets: small payouts, at once. */
function settle(
  books: OpenBooks,
  { households, originMs }: Neighbourhood,
  passwords: Record<string, string>,
): void {
  const since = epochMs(originMs);
  books.energy.beginAt(slotAt(since));
  books.settings.change('marketOpen', 0, since);
  books.settings.change('payoutLeastCents', 1000, since);
  books.settings.change('payoutDaily', 0, since);
  for (const [number, household] of households.entries()) {
    const id = household.id as HouseholdId;
    const { name, role, language } = household;
    const code = paymentCode(number + 1);
    books.households.add(
      { id, name, phone: phoneOf(household.phone), code, role, language, since },
      ruleOf(household),
    );
    for (const meter of household.meters) {
      passwords[meter.id] = randomBytes(passwordBytes).toString('base64url');
      const hash = hashOf(passwords[meter.id] ?? '');
      books.households.register(meter.id as MeterId, id, meter.place, hash, since);
    }
  }
  const school = { name: 'Community school', phone: phoneOf('254711000000'), code: paymentCode(0) };
  books.households.add(
    { id: communityHousehold, ...school, role: 'buyer', language: 'sw', since },
    { ...usualRule, autoBuy: false, ownTariff: tariffFor(0) },
  );
}

function phoneOf(text: string) {
  const phone = readPhone(text);
  if (!phone.ok) throw new Error('the cast has a phone that is not Kenyan');
  return phone.value;
}

const usualRule = {
  autoSell: false,
  autoBuy: false,
  sellFloor: centsPerKwh(1200),
  buyCeiling: centsPerKwh(1990),
  sellDailyWh: wattHours(20_000),
  buyDailyCents: cents(50_000),
  blockCents: cents(0),
  promptsDaily: 4,
  quietFromMs: 21 * hourMs,
  quietUntilMs: 6.5 * hourMs,
};

const ruleOf = ({ autoSell, autoBuy, dailyLoadWh }: SimulatedHousehold): StandingRule => ({
  ...usualRule,
  autoSell,
  autoBuy,
  ownTariff: tariffFor((dailyLoadWh * 30) / 1000),
});

/** KPLC's bands of 2025/26 with all levies, in cents per kWh by monthly use; rough, as noted in docs. */
const tariffFor = (monthlyKwh: number) =>
  centsPerKwh(monthlyKwh <= 30 ? 2000 : monthlyKwh <= 100 ? 2700 : 3130);

/** Feeds every quarter of an hour's readings, then lets time pass to that moment. */
async function liveThrough(
  neighbourhood: Neighbourhood,
  readings: Readings,
  passTo: (atMs: number) => void,
): Promise<void> {
  const { originMs, startMs } = neighbourhood;
  let atMs = originMs;
  for (const reading of rehearsalReadings(neighbourhood, originMs, startMs, readingEveryMs)) {
    if (reading.atMs !== atMs) {
      await readings.flush();
      passTo(atMs);
      atMs = reading.atMs;
    }
    const bytes = Buffer.from(reading.payload);
    const entry = readings.enter(reading.meter as MeterId, () => {});
    if (!entry.offer(bytes, 0, bytes.length, 0)) throw new Error('too many readings at once');
  }
  await readings.flush();
  passTo(atMs);
}
