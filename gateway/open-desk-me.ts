/** The counter for one household's page: it shows its own, and passes its wishes to the steps. */
import type { MeViews } from './adapters/sqlite/me-views.ts';
import { receiptFileOf } from './commands/receipt-form.ts';
import type { Config } from './config.ts';
import { stillKept } from './core/advice.ts';
import type { Household } from './core/household.ts';
import type { HouseholdId } from './core/ids.ts';
import { freeOf } from './core/payout.ts';
import { maskPhone } from './core/phone.ts';
import { fail, ok, type Result } from './core/result.ts';
import { dayMs, startOfDay } from './core/slot.ts';
import { unpaidStates } from './core/trade.ts';
import { epochMs, sumCents } from './core/units.ts';
import type { HubEvent } from './events/hub-event.ts';
import type { AskFirst } from './open-ask-first.ts';
import { scoreboardOf } from './open-desk-advice.ts';
import { openGiftDesk } from './open-desk-gifts.ts';
import { openMeEnergy } from './open-desk-me-energy.ts';
import { changeRule, orderView, ruleView, setOrder } from './open-desk-me-rule.ts';
import { tradesOf } from './open-desk-me-trades.ts';
import { openMoneyDesk } from './open-desk-money.ts';
import type { Problem } from './ports/desk.ts';
import type { MeCard, MeDesk, MeSums, MeView } from './ports/me-desk.ts';
import type { Needs } from './ports/needs.ts';

export type MeDeskNeeds = {
  readonly hub: Needs;
  readonly views: MeViews;
  readonly config: Pick<Config, 'HUB_NAME' | 'SCHEME' | 'MPESA_ENVIRONMENT'>;
  readonly askFirst: Pick<AskFirst, 'offersOf' | 'answer'>;
  /** What flows put on a household's page. */
  readonly cards: (household: string) => readonly MeCard[];
};

const monthDays = 30;
const receiptsShown = 12;
const whPerKwh = 1000;

/** Every call is about the one household that is named first. */
export function openMeDesk(needs: MeDeskNeeds): MeDesk {
  const { hub, views, askFirst } = needs;
  const money = openMoneyDesk(hub);
  const energy = openMeEnergy(hub);
  const gifts = openGiftDesk(hub);
  return {
    view: (id) => {
      const household = hub.books.households.find(id as HouseholdId);
      return household === undefined ? fail(unknown) : ok(viewOf(needs, energy, household));
    },
    now: (id) => energy.now(id as HouseholdId),
    changeRule: (id, change) =>
      hub.books.households.find(id as HouseholdId) === undefined
        ? fail(unknown)
        : changeRule(hub, id as HouseholdId, change),
    order: (id) =>
      hub.books.households.find(id as HouseholdId) === undefined
        ? fail(unknown)
        : ok(orderView(hub, id as HouseholdId)),
    setOrder: (id, order) => setOrder(hub, id as HouseholdId, order),
    answer: (id, proposal, yes) =>
      askFirst.answer(id, proposal, yes)
        ? ok({ did: yes ? 'The offer is accepted.' : 'The offer is declined.' })
        : fail(noOffer),
    topUp: money.topUp,
    withdraw: money.withdraw,
    gift: (id, energyWh, key) => {
      // A key is the household's own: a neighbour may choose the same.
      const own = key === undefined ? undefined : `${id} ${key}`;
      const given = gifts.give(id, undefined, energyWh, own);
      return given.ok ? ok({ did: `${energyWh} Wh are given to the community.` }) : given;
    },
    receipt: (id, trade) => receiptOf(needs, id, trade),
    concerned: (event) => concerned(views, event),
  };
}

function viewOf(
  needs: MeDeskNeeds,
  energy: ReturnType<typeof openMeEnergy>,
  household: Household,
): MeView {
  const { hub, views, config, askFirst } = needs;
  const { books, clock } = hub;
  const { id, name, role, phone, code } = household;
  const now = clock.now();
  const settings = books.settings.at(now);
  const today = startOfDay(now);
  const monthBegan = epochMs(today - (monthDays - 1) * dayMs);
  const balance = books.energy.balanceOf(id);
  const advice = views.advice(id);
  const score = scoreboardOf(hub).households.find(({ householdId }) => householdId === id);
  return {
    household: { id, name, role, phone: maskPhone(phone), code },
    hub: {
      name: config.HUB_NAME,
      scheme: config.SCHEME ?? 'mini-grid',
      pretend: config.MPESA_ENVIRONMENT === 'simulator',
      speed: clock.speed,
      ...{ rateCents: settings.rate, floorCents: settings.floor, capCents: settings.cap },
    },
    now: energy.now(id),
    wallet: walletOf(needs, id),
    energy: {
      spareWh: balance.energyWh,
      keptWh: stillKept(keptNow(hub, id), balance.energyWh),
      ...{ boughtWh: balance.boughtWh, needWh: balance.needWh },
    },
    today: { ...sumsSince(needs, id, today), slots: energy.slots(id, today, now) },
    month: { ...sumsSince(needs, id, monthBegan), days: energy.days(id, monthBegan, now) },
    offers: askFirst.offersOf(id),
    trades: tradesOf(views, id),
    advice: advice
      ? {
          ...{ sellWh: advice.sellWh, keepWh: advice.keepWh },
          ...{ reason: advice.reason, reasonSw: advice.reasonSw || advice.reason },
          at: iso(advice.atMs),
        }
      : null,
    score: score === undefined ? null : withoutId(score),
    rule: ruleView(hub, id),
    order: orderView(hub, id),
    cards: needs
      .cards(id)
      .map(({ name: card, title, value, unit }) => ({ name: card, title, value, unit })),
    receipts: views.receipts(id, receiptsShown).map((line) => ({
      trade: line.id,
      at: iso(line.createdMs),
      ...{ energyWh: line.energyWh, amountCents: line.amountCents },
    })),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const withoutId = ({
  householdId: _,
  ...score
}: { householdId: string } & NonNullable<MeView['score']>) => score;

function keptNow({ books, clock }: Needs, id: HouseholdId): number {
  const keeping = books.energy.keepingOf(id);
  return keeping !== undefined && clock.now() < keeping.until ? keeping.energyWh : 0;
}

function walletOf({ hub: { books }, views }: MeDeskNeeds, id: HouseholdId): MeView['wallet'] {
  const walletCents = books.trades.walletOf(id);
  const open = books.trades.ofBuyer(id, unpaidStates).filter(({ funding }) => funding === 'wallet');
  return {
    walletCents,
    freeCents: freeOf(walletCents, sumCents(open.map(({ amountCents }) => amountCents))),
    earningsCents: books.trades.earningsOf(id),
    askedCents: views.asked(id) ?? null,
  };
}

function sumsSince({ hub, views, config }: MeDeskNeeds, id: HouseholdId, since: number): MeSums {
  const sums = views.sums(id, since);
  const { ownTariff } = hub.books.households.ruleOf(id, hub.clock.now());
  const saved = Math.floor((sums.boughtWh * ownTariff) / whPerKwh) - sums.boughtCents;
  return { ...sums, savedCents: config.SCHEME === 'certificate' ? null : Math.max(0, saved) };
}

function receiptOf(
  { hub, views }: MeDeskNeeds,
  id: string,
  trade: string,
): Result<unknown, Problem> {
  const parties = views.parties(trade);
  // Another household's trade is as unknown as none.
  if (parties?.seller !== id && parties?.buyer !== id) return fail(noReceipt);
  const file = receiptFileOf(hub.books, trade);
  return file.ok ? file : fail(noReceipt);
}

function concerned(views: MeViews, event: HubEvent): readonly string[] {
  const named = [
    ...('household' in event ? [event.household] : []),
    ...('seller' in event ? [event.seller] : []),
    ...('buyer' in event ? [event.buyer] : []),
  ].filter((one) => one !== undefined);
  if (!('trade' in event) || named.length > 1) return named;
  const parties = views.parties(event.trade);
  return parties === undefined ? named : [parties.seller, parties.buyer];
}

const unknown: Problem = {
  status: 404,
  title: 'No such household',
  detail: 'This hub does not know the household any more.',
};
const noOffer: Problem = {
  status: 404,
  title: 'The offer has ended',
  detail: 'There is no such offer, or it was answered already.',
};
const noReceipt: Problem = {
  status: 404,
  title: 'No receipt',
  detail: 'A trade of your own gets its receipt in the night after it was settled.',
};
