/** A quarter past four on a Monday: ten days of sun and use lie behind, trades are on their way, the web side is open. */
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { freshPin, hashPin } from '../../gateway/adapters/ids/pin-hash.ts';
import { openCards } from '../../gateway/adapters/node-red/cards.ts';
import type { HouseholdId, MeterId } from '../../gateway/core/ids.ts';
import type { Reading } from '../../gateway/core/reading.ts';
import { dayMs, hourMs, slotAt, slotEnd, slotStart, timeOfDayMs } from '../../gateway/core/slot.ts';
import { epochMs, type SlotNumber, slotNumber, wattHours } from '../../gateway/core/units.ts';
import { openAskFirst } from '../../gateway/open-ask-first.ts';
import { openKeeperDesk } from '../../gateway/open-desk-keeper.ts';
import { openKeeperSessions } from '../../gateway/open-desk-keeper-session.ts';
import { openMeDesk } from '../../gateway/open-desk-me.ts';
import { openMoneyDesk } from '../../gateway/open-desk-money.ts';
import { openSessionDesk } from '../../gateway/open-desk-session.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { fakeEvents, openedWeb, token } from '../adapters/web/fake-desk.ts';
import { aPaidTrade, aSettledTrade, aTrade, type GivenHub, given } from '../support/given.ts';
import {
  corner,
  fillWallet,
  firstSlot,
  kiosk,
  nine,
  phoneOf,
  tailor,
} from '../support/neighbourhood.ts';

const daysBefore = 10;
const peakWh = 950;
const quarterPast = epochMs(nine + 7 * hourMs + 15 * 60_000);

/** Wh of a roof in one slot: nothing at night, most at noon, clouds that come and go. */
function sunWh(slot: SlotNumber): number {
  const hour = timeOfDayMs(slotStart(slot)) / hourMs;
  const high = Math.max(0, Math.sin(((hour - 6.2) / 12) * Math.PI));
  return Math.round(peakWh * high * (0.82 + 0.18 * Math.sin(slot * 1.7)));
}

/** Wh that a home uses in one slot: little at night, most in the evening. */
function useWh(slot: SlotNumber): number {
  const hour = timeOfDayMs(slotStart(slot)) / hourMs;
  const evening = Math.exp(-((hour - 19.5) ** 2) / 3);
  const morning = Math.exp(-((hour - 6.5) ** 2) / 2);
  return Math.round(45 + 70 * morning + 260 * evening + 25 * Math.sin(slot * 2.3) ** 2);
}

function closeSlots({ books, clock }: GivenHub): void {
  const first = slotAt(epochMs(nine - daysBefore * dayMs));
  books.together(() => {
    for (let slot = first; slotEnd(slot) <= quarterPast; slot = slotNumber(slot + 1)) {
      // Moving in has closed these two.
      if (slot === firstSlot - 1 || slot === firstSlot - 2) continue;
      const own = (household: HouseholdId, sun: number, use: number) => ({
        household,
        exportedWh: wattHours(Math.max(0, sun - use)),
        importedWh: wattHours(Math.max(0, use - sun)),
        late: false,
        ...(sun > 0 || household !== kiosk ? { generatedWh: wattHours(sun) } : {}),
      });
      books.energy.closeSlot({
        ...{ slot, at: slotEnd(slot), counted: new Map(), postings: [], intents: [] },
        roundDue: false,
        energies: [
          own(corner, sunWh(slot), useWh(slot)),
          own(tailor, Math.round(sunWh(slot) / 3), useWh(slot) + 40),
          own(kiosk, 0, useWh(slot) * 2),
        ],
      });
    }
  });
  clock.set(quarterPast);
}

/** The newest readings: what the grid meter shows in W, and the roof's register. */
function readings({ meters, clock }: GivenHub, household: HouseholdId, powerW: number): void {
  const latest = meters.readings.latest() as Map<MeterId, Reading>;
  const reading = {
    ...{ sequence: 9, boot: 1, at: clock.now(), timeSource: 'meter', voltageMv: 231_000, flags: 0 },
    ...{ importMwh: 1_000, exportMwh: 9_000, generationMwh: 0, powerMw: powerW * 1_000 },
  } as unknown as Reading;
  const [grid, roof] = [`meter-of-${household}`, `roof-of-${household}`] as MeterId[];
  latest.set(grid as MeterId, { ...reading, meter: grid as MeterId });
  latest.set(roof as MeterId, { ...reading, meter: roof as MeterId, powerMw: 0 });
}

function trades(hub: GivenHub): void {
  const { clock } = hub;
  clock.set(quarterPast - 5 * hourMs);
  aSettledTrade(hub, { energyWh: 2_000, rate: 1_850 });
  aSettledTrade(hub, { energyWh: 1_000, rate: 1_850, seller: tailor, buyer: corner });
  clock.set(quarterPast - 3 * hourMs);
  const expired = aTrade(hub, { energyWh: 1_000, rate: 1_700, buyer: tailor });
  hub.books.trades.expire(expired, 'no funds in time', clock.now());
  clock.set(quarterPast - hourMs);
  aPaidTrade(hub, { energyWh: 3_000, rate: 1_600, buyer: tailor });
  aTrade(hub, { energyWh: 1_000, rate: 1_600 });
}

function advice({ books }: GivenHub): void {
  const slot = slotNumber((books.energy.nextSlot() ?? firstSlot) - 1);
  const round = { slot: slotNumber(slot + 1), at: slotEnd(slotNumber(slot + 1)), roundDue: true };
  const nothing = { energies: [], counted: new Map(), postings: [], intents: [] };
  books.energy.closeSlot({ ...round, ...nothing });
  books.rounds.begin(round.slot, [{ household: corner, energyWh: wattHours(3_000) }]);
  const given = {
    ...{ id: 'advice-1', slot: round.slot, household: corner, energyWh: 5_400, nightNeedWh: 2_400 },
    ...{ sunLeftWh: 300, keepWh: 2_100, sellWh: 3_300, rate: 1_600, ownTariff: 2_700 },
    ...{
      source: 'rule',
      reason: 'Keep 2.1 kWh for the evening and sell 3.3 kWh now.',
      at: quarterPast,
    },
    record: {
      ...{ policy: 'mean', ruleKeepWh: 2_100, known: {} },
      reasonSw: 'Weka kWh 2.1 kwa jioni na uuze kWh 3.3 sasa.',
    },
  };
  books.rounds.saveAdvice(given as never, epochMs(quarterPast + 14 * hourMs));
  const day = Math.floor((quarterPast - 2 * dayMs + 3 * hourMs) / dayMs);
  for (const back of [1, 2, 3])
    books.advice.saveScores(day - back, [
      {
        ...{ household: corner, gainedCents: 1_150, possibleCents: 1_480 },
        ...{ ruleCents: undefined, opinionCents: undefined },
      },
    ]);
}

type More = {
  /** Stands in for machine time in the pauses after wrong guesses. */
  readonly elapsedMs?: () => number;
  /** How long an offer waits. */
  readonly offersLiveMs?: number;
};

export type LivedDay = Awaited<ReturnType<typeof aLivedDay>>;

export async function aLivedDay(more: More = {}) {
  const hub = given({
    at: nine - hourMs,
    energy: { [corner]: 14_000, [tailor]: 5_000 },
    need: { [kiosk]: 9_000 },
    wallets: { [kiosk]: 12_000, [tailor]: 25_000, [corner]: 4_000 },
  });
  closeSlotsBehind(hub);
  const events = fakeEvents();
  const cards = openCards((id) => hub.books.households.find(id as HouseholdId) !== undefined);
  const askFirst = openAskFirst({
    ...{ books: hub.books, clock: hub.clock, gates: hub.gates },
    ...(more.offersLiveMs === undefined ? {} : { waitMs: more.offersLiveMs }),
  });
  const me = openMeDesk({
    hub: { ...hub, tell: events.tell },
    views: hub.books.me,
    config: { HUB_NAME: 'Jirani', SCHEME: 'mini-grid', MPESA_ENVIRONMENT: 'simulator' },
    askFirst,
    cards: cards.of,
  });
  const keeper = keeperOf({ ...hub, tell: events.tell }, hub);
  const sessions = openSessionDesk({ books: hub.books, ...more });
  const web = await openedWeb({
    ...{ events, keeper, money: openMoneyDesk({ ...hub, tell: events.tell }) },
    household: { me, sessions, nudges: cards.onChange },
  });

  return {
    ...{ hub, events, askFirst, sessions, cards, call: web.call, url: web.web.url },
    /** A household's cookie, as its browser would send it. */
    cookieOf: (household: HouseholdId): string => {
      const code = `code-of-${household}-${Math.random()}`;
      hub.books.sessions.addCode(hashOf(code), household, Date.now() + 60_000, Date.now());
      const signedIn = sessions.signInByCode(code);
      if (!signedIn.ok) throw new Error('the code did not sign in');
      return `jirani_session=${signedIn.value.token}`;
    },
    pinOf: async (household: HouseholdId): Promise<{ phone: string; pin: string }> => {
      const pin = freshPin();
      hub.books.sessions.setPin(household, await hashPin(pin), Date.now());
      return { phone: phoneOf(household), pin };
    },
    linkOf: (household: HouseholdId) => {
      const code = `code-of-${household}`;
      hub.books.sessions.addCode(hashOf(code), household, Date.now() + 60_000, Date.now());
      return { code, link: `${web.web.url}/sign-in#${code}` };
    },
    fill: (household: HouseholdId, amountCents: number) =>
      fillWallet(hub.books, household, amountCents),
    /** A proposal that waits for the household. */
    offer: (household: HouseholdId, energyWh = 2_000) => {
      const before = hub.books.choices.at(household, hub.clock.now());
      hub.books.choices.choose(household, { ...before, askFirst: true }, hub.clock.now());
      return askFirst.decide({
        ...{ proposal: `offer-${household}`, household, slot: firstSlot },
        ...{ energyWh, lotWh: 1_000, rate: 1_600 },
      } as never);
    },
    [Symbol.asyncDispose]: async () => {
      askFirst[Symbol.dispose]();
      await web[Symbol.asyncDispose]();
      hub[Symbol.dispose]();
    },
  };
}

function keeperOf(needs: Needs, { books }: GivenHub) {
  return {
    sessions: openKeeperSessions({ operatorToken: token }),
    desk: openKeeperDesk({
      ...{ hub: needs, views: books.views, version: '0.0.0' },
      config: {
        ...{ HUB_NAME: 'Jirani', HUB_LISTEN: '127.0.0.1', MPESA_ENVIRONMENT: 'simulator' },
        SURPLUS_THRESHOLD_WH: undefined,
      },
      online: () => new Set([`meter-of-${corner}`]),
      ...{ editorPort: () => 1880 },
    }),
  };
}

function closeSlotsBehind(hub: GivenHub): void {
  for (const household of [corner, tailor])
    hub.books.households.register(
      `roof-of-${household}` as MeterId,
      household,
      'pv',
      'x',
      epochMs(0),
    );
  trades(hub);
  closeSlots(hub);
  readings(hub, corner, -1_240);
  readings(hub, tailor, 380);
  readings(hub, kiosk, 610);
  advice(hub);
  fillWallet(hub.books, corner, 2_500);
}
