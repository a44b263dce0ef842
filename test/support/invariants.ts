/** What must hold of money, energy and tokens, whatever happened; each breach is one sentence. */
import type { TradeState } from '../../gateway/core/trade.ts';
import { type Adventure, beginningCents } from './adventure.ts';

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

/** Holds once everything has come to rest. */
export function breachesAtRest({ hub, mpesa, chain, troubles }: Adventure): string[] {
  const { books } = hub();
  const known = mpesa.prompts.filter(({ truth, isKnown }) => truth === 'paid' && isKnown);
  const credited = mpesa.prompts.filter(
    ({ checkoutRequestId: id, amountCents }) =>
      books.topups.byCheckoutRequest(id)?.state === 'credited' &&
      books.topups.byCheckoutRequest(id)?.amountCents === amountCents,
  );
  const cameIn = credited.reduce((sum, { amountCents }) => sum + amountCents, beginningCents);
  const wentOut = [...mpesa.paidOut.values()].reduce(
    (sum, { amountCents }) => sum + amountCents,
    0,
  );
  const utility = books.views.accountBalance('mpesa-utility');
  const onTheWay = books.views.accountBalance('out-in-flight');
  return [
    ...known
      .filter((prompt) => !credited.includes(prompt))
      .map(({ checkoutRequestId }) => `${checkoutRequestId} was paid and is not credited`),
    ...(utility + cameIn - wentOut > 0 || utility + cameIn - wentOut < -onTheWay
      ? [`M-Pesa has ${cameIn} in and ${wentOut} out, the books say ${-utility}`]
      : []),
    ...tokenBreaches(books, chain),
    ...troubles,
  ];
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
