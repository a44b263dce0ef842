/** What must hold of money, energy and tokens, whatever happened; each breach is one sentence. */
import Database from 'better-sqlite3';
import type { TradeState } from '../../gateway/core/trade.ts';
import type { Adventure } from './adventure.ts';
import { beginningCents, listOf, utilityOf } from './living-mpesa.ts';
import { codeOf, corner, kiosk, tailor } from './neighbourhood.ts';

/** Holds after every single happening. */
export function breachesNow({ hub, mpesa, chain }: Adventure): string[] {
  const { audit } = hub().books;
  return [
    ...(['cents', 'Wh'] as const)
      .filter((unit) => audit.trialBalance(unit) !== 0)
      .map((unit) => `${unit} sum up to ${audit.trialBalance(unit)}`),
    ...audit.imbalances().map(({ what }) => `${what} does not balance`),
    ...doubles(mpesa.prompts.map(({ accountReference }) => accountReference)).map(
      (reference) => `push ${reference} rang twice`,
    ),
    ...doubles(chain.movedIntents()).map((intent) => `tokens of ${intent} moved twice`),
    ...unearned({ hub, mpesa }),
    ...overspent({ hub, mpesa }),
  ];
}

/** Nobody’s wallet is credited with money that M-Pesa does not have. */
const unearned = ({ hub, mpesa }: Pick<Adventure, 'hub' | 'mpesa'>): string[] => {
  const { books } = hub();
  return mpesa.prompts
    .filter(({ truth }) => truth !== 'paid')
    .filter(({ checkoutRequestId: id }) => books.topups.byCheckoutRequest(id)?.state === 'credited')
    .map(({ checkoutRequestId }) => `${checkoutRequestId} is credited and was never paid`);
};

/** M-Pesa always has what the books say, or more: money that came and is not credited yet. */
function overspent({ hub, mpesa }: Pick<Adventure, 'hub' | 'mpesa'>): string[] {
  const { views } = hub().books;
  const ours = -views.accountBalance('mpesa-utility');
  const onTheWay = views.accountBalance('out-in-flight');
  const theirs = utilityOf(mpesa);
  return theirs < ours - onTheWay
    ? [`M-Pesa holds ${theirs}, the books say ${ours}, of which ${onTheWay} is on its way out`]
    : [];
}

/** Holds once everything has come to rest, M-Pesa has answered all and the keeper has looked. */
export function breachesAtRest(adventure: Adventure): string[] {
  const { hub, mpesa, chain, troubles } = adventure;
  const { views, payouts, reversals } = hub().books;
  const ours = -views.accountBalance('mpesa-utility');
  const theirs = utilityOf(mpesa);
  const underWay = [
    ...payouts.inStates(['intent', 'unknown', 'pending', 'review']),
    ...reversals.inStates(['intent', 'unknown', 'pending', 'review']),
  ];
  return [
    ...misplaced(adventure),
    ...underWay.map(({ id, state }) => `${id} is ${state} for ever`),
    ...(theirs === ours ? [] : [`M-Pesa holds ${theirs}, the books say ${ours}`]),
    ...tokenBreaches(hub().books, chain),
    ...troubles,
  ];
}

/** Every shilling that M-Pesa took is in exactly one place, and that is its payer’s; what has no name is in suspense. */
function misplaced({ file, mpesa }: Adventure): string[] {
  const expected = new Map([[`wallet:${kiosk}`, beginningCents]]);
  for (const { reference, amountCents } of listOf(mpesa)) {
    const owner = [kiosk, tailor, corner].find((id) => reference.startsWith(codeOf(id)));
    const account = owner === undefined ? 'suspense' : `wallet:${owner}`;
    expected.set(account, (expected.get(account) ?? 0) + amountCents);
  }
  const found = cameInto(file);
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((account) => (found.get(account) ?? 0) !== (expected.get(account) ?? 0))
    .map(
      (account) =>
        `${account} got ${found.get(account) ?? 0} from M-Pesa, paid was ${expected.get(account) ?? 0}`,
    );
}

/** From the postings alone. */
function cameInto(file: string): Map<string, number> {
  const db = new Database(file, { readonly: true });
  const rows = db
    .prepare<[], { account: string; cents: number }>(
      `SELECT to_account AS account, sum(amount) AS cents FROM posting
       WHERE from_account = 'mpesa-utility' GROUP BY to_account`,
    )
    .all();
  db.close();
  return new Map(rows.map(({ account, cents }) => [account, cents]));
}

const delivered: readonly TradeState[] = ['settled', 'closed'];
const returned: readonly TradeState[] = ['expired', 'undone'];

function tokenBreaches(books: ReturnType<Adventure['hub']>['books'], chain: Adventure['chain']) {
  const moved = chain.movedIntents();
  return books.trades.inStates([...delivered, ...returned]).flatMap(({ id, state }) => {
    const times = moved.filter((intent) => intent === books.tokens.ofTrade(id)?.id).length;
    const expected = delivered.includes(state) ? 1 : 0;
    return times === expected
      ? []
      : [`trade ${id} is ${state} and its tokens moved ${times} times`];
  });
}

const doubles = (names: readonly string[]): string[] =>
  names.filter((name, at) => names.indexOf(name) !== at);
