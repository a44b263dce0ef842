/** The keeper's counter: shows what decides, and passes each decision to its step. */

import { fingerprintOf } from './adapters/meters/secret-hash.ts';
import type { BookViews } from './adapters/sqlite/views.ts';
import type { Config } from './config.ts';
import type { HouseholdId, MeterId } from './core/ids.ts';
import { type LimitName, type LimitProblem, limitNames, limits } from './core/keeper-limits.ts';
import { maskPhone } from './core/phone.ts';
import { fail, ok } from './core/result.ts';
import { epochMs } from './core/units.ts';
import { openEnrolment } from './open-desk-keeper-enrol.ts';
import { marketOf } from './open-desk-market.ts';
import type { Problem } from './ports/desk.ts';
import type { KeeperDesk, KeeperView, LimitView, ResidentView } from './ports/keeper-desk.ts';
import type { Needs } from './ports/needs.ts';
import { changeLimit } from './steps/change-limit.ts';
import { pausePayouts } from './steps/pause-payouts.ts';
import { pauseTrading } from './steps/pause-trading.ts';
import { resumePayouts } from './steps/resume-payouts.ts';
import { resumeTrading } from './steps/resume-trading.ts';

export type KeeperDeskNeeds = {
  readonly hub: Needs;
  readonly views: BookViews;
  readonly config: Pick<
    Config,
    'HUB_NAME' | 'HUB_LISTEN' | 'MPESA_ENVIRONMENT' | 'SURPLUS_THRESHOLD_WH'
  >;
  readonly version: string;
  readonly online: () => ReadonlySet<string>;
  readonly editorPort: () => number | undefined;
};

/** Behind every dated row. */
const inTheEnd = epochMs(Number.MAX_SAFE_INTEGER);
const tradesShown = 50;

export function openKeeperDesk(needs: KeeperDeskNeeds): KeeperDesk {
  const { hub } = needs;
  return {
    view: () => viewOf(needs),
    changeLimit: (name, value) => {
      if (fixedBy(needs, name) !== null) return fail(fixed);
      const changed = changeLimit(hub, name, value);
      return changed.ok ? ok({ from: iso(changed.value) }) : fail(wordsFor(changed.error));
    },
    pauseAll: (reason) => {
      const market = pauseTrading(hub, reason);
      const payouts = pausePayouts(hub, reason);
      return {
        did: market || payouts ? 'The market and all payouts wait.' : 'All was stopped before.',
      };
    },
    resumeAll: (reason) => {
      const market = resumeTrading(hub, reason);
      const payouts = resumePayouts(hub, 'keeper', undefined, reason);
      return { did: market || payouts ? 'Market and payouts go on.' : 'Nothing was stopped.' };
    },
    ...openEnrolment({ ...needs, resident: (id) => residentOf(needs, id) }),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function viewOf(needs: KeeperDeskNeeds): KeeperView {
  const { hub, views, config, version } = needs;
  const { books, clock } = hub;
  const now = clock.now();
  const market = marketOf(hub, views);
  const pauses = books.pauses.holding(now);
  return {
    hub: {
      ...{ name: config.HUB_NAME, version, at: iso(now), speed: clock.speed },
      pretend: config.MPESA_ENVIRONMENT === 'simulator',
    },
    market: {
      open: books.settings.at(now).marketOpen,
      rateCents: market.rateCentsPerKwh,
      nextRateCents: market.nextRateCentsPerKwh,
    },
    payoutsPaused: pauses.some(({ cause, household }) => cause === 'keeper' && !household),
    pauses: pauses.map(({ cause, household, why, since }) => ({
      ...{ cause, household: household ?? null, why, since: iso(since) },
    })),
    limits: limitNames.map((name) => limitView(needs, name)),
    households: books.households.all().flatMap(({ id }) => residentOf(needs, id) ?? []),
    tradesInReview: tradesInReview(needs),
    meterKeys: books.meters.keyOffers().map(({ meter, counts, offered, since }) => ({
      ...{ meter, counts: fingerprintOf(counts), offered: fingerprintOf(offered) },
      since: iso(since),
    })),
    editorPort: needs.editorPort() ?? null,
  };
}

function limitView(needs: KeeperDeskNeeds, name: LimitName): LimitView {
  const { books, clock } = needs.hub;
  return {
    ...{ name, ...limits[name] },
    now: books.settings.at(clock.now())[name],
    value: books.settings.at(inTheEnd)[name],
    fixedBy: fixedBy(needs, name),
  };
}

/** What the environment says is said again at every start. */
const fixedBy = ({ config }: KeeperDeskNeeds, name: LimitName): string | null =>
  name === 'surplusThresholdWh' && config.SURPLUS_THRESHOLD_WH !== undefined
    ? 'SURPLUS_THRESHOLD_WH'
    : null;

function residentOf({ hub, online }: KeeperDeskNeeds, id: string): ResidentView | undefined {
  const household = hub.books.households.find(id as HouseholdId);
  if (household === undefined) return undefined;
  const { name, role, phone, code } = household;
  const there = online();
  const meters = hub.books.households
    .registrations()
    .filter((one) => one.household === household.id)
    .map(({ meter, place }) => ({ id: meter, place, online: there.has(meter satisfies MeterId) }));
  return { id, name, role, phone: maskPhone(phone), code, meters };
}

const tradesInReview = ({ hub, views }: KeeperDeskNeeds): KeeperView['tradesInReview'] =>
  hub.books.trades
    .inStates(['review'])
    .slice(0, tradesShown)
    .map(({ id, seller, buyer, amountCents, createdAt }) => {
      const last = views.history(id).at(-1);
      const at = iso(last?.atMs ?? createdAt);
      return { id, seller, buyer, amountCents, why: last?.detail ?? '', at };
    });

const kes = (cents: number): string => (cents / 100).toFixed(2);

function wordsFor(problem: LimitProblem): Problem {
  const title = 'Not within its limits';
  if (problem.kind === 'out-of-range')
    return {
      ...{ status: 422, title, field: 'value' },
      detail: `A whole number from ${problem.least} to ${problem.most}.`,
    };
  const { floor, cap } = problem;
  return {
    ...{ status: 422, title: 'Outside the collar', field: 'value' },
    detail: `Floor, rate and cap must stand in this order: the collar would be ${kes(floor)} to ${kes(cap)} KES.`,
  };
}

const fixed: Problem = {
  status: 409,
  title: 'Set from outside',
  detail: 'An environment variable of the hub sets this at every start.',
};
