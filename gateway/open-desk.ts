/** The counter at which the API and the command line ask. It shows, and takes orders; steps decide. */

import { hashOf } from './adapters/ids/ids.ts';
import type { BookViews, TradeLine } from './adapters/sqlite/views.ts';
import type { Config } from './config.ts';
import type { Household } from './core/household.ts';
import type { HouseholdId, InboxId } from './core/ids.ts';
import { maskPhone } from './core/phone.ts';
import { fail, ok } from './core/result.ts';
import { clockView } from './open-clock.ts';
import { openAdviceDesk, toAdviceView } from './open-desk-advice.ts';
import { marketOf } from './open-desk-market.ts';
import { openOrders } from './open-desk-orders.ts';
import { openReadingsDesk } from './open-desk-readings.ts';
import type { Flows } from './open-flows.ts';
import type { HubTunnel } from './open-tunnel.ts';
import type { Weather } from './ports/advice.ts';
import type { Forecasts } from './ports/advice-desk.ts';
import type { MeterBroker } from './ports/broker.ts';
import type {
  CallbackDesk,
  Desk,
  HouseholdView,
  HubStatus,
  Problem,
  TradeView,
} from './ports/desk.ts';
import type { HubClock } from './ports/hub-clock.ts';
import type { Needs } from './ports/needs.ts';

export type DeskNeeds = {
  readonly hub: Needs;
  readonly views: BookViews;
  readonly config: Config;
  readonly broker: Pick<MeterBroker, 'refused' | 'online' | 'health'>;
  readonly weather: Weather;
  readonly forecasts: Pick<Forecasts, 'view'>;
  readonly flows: Pick<Flows, 'view'>;
  readonly tunnel: Pick<HubTunnel, 'view'>;
  readonly clock: Pick<HubClock, 'view'>;
  readonly version: string;
};

/** Everything an operator may see, and orders by hand. */
export function openDesk(needs: DeskNeeds): Desk {
  const { hub, views } = needs;
  return {
    ...openOrders(hub),
    ...openReadingsDesk(hub),
    ...openAdviceDesk(needs),
    status: () => statusOf(needs),
    trades: (limit) => views.trades(limit).map(toTradeView),
    trade: (id) => {
      const line = views.trade(id);
      if (line === undefined) return fail(missing('trade'));
      const journey = views
        .history(id)
        .map(({ event, detail, atMs }) => ({ at: iso(atMs), event, detail }));
      return ok({ ...toTradeView(line), journey });
    },
    households: () => hub.books.households.all().map((one) => toHouseholdView(hub, one)),
    household: (id) => {
      const found = hub.books.households.find(id as HouseholdId);
      return found === undefined ? fail(missing('household')) : ok(toHouseholdView(hub, found));
    },
    advice: (limit) => views.advice(limit).map(toAdviceView),
    market: () => marketOf(hub, views),
    ledger: () => ({
      trialBalanceCents: hub.books.audit.trialBalance('cents'),
      trialBalanceWh: hub.books.audit.trialBalance('Wh'),
      accounts: views.accounts(),
    }),
    chain: async () => {
      const ids = hub.books.households.all().map(({ id }) => id);
      const supply = await hub.chain.supply(ids);
      if (!supply.ok) return fail(chainAway);
      return ok({ cluster: hub.chain.health().cluster, ...supply.value });
    },
  };
}

/** Keeps callbacks raw before they are answered; reading them is a deed. */
export const openCallbackDesk = (
  { hub }: Pick<DeskNeeds, 'hub'>,
  kept: () => void,
): CallbackDesk => ({
  useOf: (token) => hub.books.inbox.useOfPath(hashOf(token), hub.clock.now()),
  keep: (token, body) => {
    try {
      const id = hub.ids.fresh() as InboxId;
      const verdict = hub.books.inbox.keep(hashOf(token), body, hashOf(body), id, hub.clock.now());
      if (verdict === 'kept') kept();
      return verdict;
    } catch (error) {
      hub.log.error('a callback could not be kept', { error: String(error) });
      return 'not-kept';
    }
  },
});

/** Execution is real, but nobody else keeps a copy: whoever reads the status must know. */
const oneOperator = 'local ledger, one operator';

function statusOf(needs: DeskNeeds): HubStatus {
  const { hub, config, broker, weather, version, flows, tunnel } = needs;
  const { clock, money, chain, secondOpinion, readings } = hub;
  const [mpesa, solana, opinion, sky] = [
    money.health(),
    chain.health(),
    secondOpinion.health(),
    weather.health(),
  ];
  const counts = readings.counts();
  return {
    hub: config.HUB_NAME,
    version,
    scheme: config.SCHEME ?? 'mini-grid',
    time: { neighbourhood: iso(clock.now()), speed: clock.speed, trust: clock.trust() },
    integrations: {
      mpesa: {
        mode: mpesa.environment,
        state: mpesa.state,
        detail: clock.trust() === 'trusted' ? mpesa.detail : untrustedTime,
      },
      solana: {
        mode: solana.cluster,
        state: solana.state,
        detail: [...(solana.cluster === 'embedded' ? [oneOperator] : []), solana.detail]
          .filter((said) => said !== '')
          .join('; '),
      },
      advisor: {
        mode: opinion.mode === 'off' ? 'rule' : 'rule, worded by Gemini',
        state: opinion.mode === 'off' ? 'ok' : opinion.state,
        detail: opinion.detail,
      },
      weather: { mode: sky.mode, state: sky.state, detail: sky.detail },
      broker: brokerView(broker),
      tunnel: tunnel.view(),
      node_red: flows.view(),
      clock: clockView(needs.clock),
    },
    payments: paymentsOf(hub),
    readings: {
      acknowledged: counts.settled,
      stored: counts.stored,
      quarantined: Object.fromEntries(Object.entries(counts.quarantined)),
    },
  };
}

/** What everybody may hold the hub to. */
function paymentsOf({ books, clock }: Needs): HubStatus['payments'] {
  const { confirmed, credited, medianMs, worstMs } = books.topups.promise();
  // A demo's clock runs fast, and a person waits in the machine's time.
  const seconds = (ms: number | undefined) =>
    ms === undefined ? null : Math.round(ms / clock.speed) / 1_000;
  return { confirmed, credited, medianSeconds: seconds(medianMs), worstSeconds: seconds(worstMs) };
}

function brokerView(broker: DeskNeeds['broker']): HubStatus['integrations'][string] {
  const { mode, state, detail } = broker.health();
  const online = `${broker.online().size} meters online`;
  return { mode, state, detail: detail === '' ? online : `${online}. ${detail}` };
}

/** A push is signed with the time of day, so M-Pesa waits for a synchronised clock. */
const untrustedTime =
  'M-Pesa waits: the time of this machine is not proved. `clock show` says why.';

const iso = (ms: number): string => new Date(ms).toISOString();

const missing = (what: string): Problem => ({
  status: 404,
  title: `No such ${what}`,
  detail: `This hub knows no ${what} with that id.`,
});
const chainAway: Problem = {
  status: 503,
  title: 'The chain does not answer',
  detail: 'Tokens that are owed wait in the books.',
};
const toTradeView = ({ seller, buyer, rate, createdMs, ...line }: TradeLine): TradeView => ({
  ...line,
  sellerId: seller,
  buyerId: buyer,
  priceCentsPerKwh: rate,
  createdAt: iso(createdMs),
});

const toHouseholdView = ({ books }: Needs, household: Household): HouseholdView => ({
  id: household.id,
  name: household.name,
  phone: maskPhone(household.phone),
  role: household.role,
  walletCents: books.trades.walletOf(household.id),
  earningsCents: books.trades.earningsOf(household.id),
  ...books.energy.balanceOf(household.id),
});
