/** The calls about money that a person decides: only for the operator, each decision with its reason. */
import { z } from 'zod';
import type { Result } from '../../core/result.ts';
import type { Problem } from '../../ports/desk.ts';
import type { Done, MoneyDesk } from '../../ports/money-desk.ts';
import { wholeUnits } from './decimals.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import {
  doneAnswer,
  findAnswer,
  reconcileAnswer,
  reviewsAnswer,
  statementAnswer,
} from './money-answers.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly money: MoneyDesk;
  readonly gate: OperatorGate;
  readonly limits: WebLimits;
};

const reasonMax = 200;
const statementLines = 100;
const kesMax = 1_000_000;

const because = {
  reason: z.string().trim().min(1).max(reasonMax).default('decided by the keeper'),
};
const receipt = z.string().trim().max(32);
/** KES in the caller's number, whole cents for the hub. */
export const shillings = z
  .number()
  .min(0)
  .max(kesMax)
  .transform((value, context) => {
    const amount = wholeUnits(value, 100);
    if (amount !== undefined) return amount;
    context.addIssue({ code: 'custom', message: 'the smallest step is 0.01 KES' });
    return z.NEVER;
  })
  .meta({ description: 'KES', examples: [50] });

/** `/api/money/…`, `/api/households/{id}/statement`, `…/topup`, `…/withdraw`. */
export function addMoneyRoutes(app: WebApp, needs: Needs): void {
  addQuestions(app, needs);
  addWallets(app, needs);
  addDecisions(app, needs);
}

function addQuestions(app: WebApp, { money, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const config = { rateLimit: { max: limits.ordersPerMinute } };

  app.post(
    '/api/money/reconcile',
    {
      onRequest,
      config,
      schema: {
        summary: 'Compare everything with M-Pesa now',
        security,
        response: { 200: reconcileAnswer },
      },
    },
    async () => money.reconcile(),
  );
  app.post(
    '/api/money/find',
    {
      onRequest,
      schema: {
        summary: 'Everything known by a phone, receipt, payment code or id',
        security,
        // In the body: an address with a phone in it would be kept by whoever stands between.
        body: z.strictObject({ what: z.string().trim().min(1).max(64) }),
        response: { 200: findAnswer },
      },
    },
    async ({ body }) => answerOf(money.find(body.what)),
  );
  app.get(
    '/api/money/reviews',
    {
      onRequest,
      schema: {
        summary: 'What waits for a person',
        security,
        response: { 200: reviewsAnswer },
      },
    },
    async () => money.reviews(),
  );
  app.get(
    '/api/households/:id/statement',
    {
      onRequest,
      schema: {
        summary: 'What came in and went out, oldest first',
        security,
        params: z.object({ id: someId }),
        response: { 200: statementAnswer },
      },
    },
    async ({ params }) => answerOf(money.statement(params.id, statementLines)),
  );
}

function addWallets(app: WebApp, { money, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const orders = {
    topup: { summary: 'Ring the household’s phone for money', act: money.topUp },
    withdraw: { summary: 'Send money from the wallet to its phone', act: money.withdraw },
  } as const;
  for (const [word, { summary, act }] of Object.entries(orders))
    app.post(
      `/api/households/:id/${word}`,
      {
        onRequest,
        config: { rateLimit: { max: limits.ordersPerMinute } },
        schema: {
          summary,
          security,
          params: z.object({ id: someId }),
          body: z.strictObject({ amount: shillings }),
          response: { 200: doneAnswer },
        },
      },
      async ({ params, body }) => answerOf(act(params.id, body.amount)),
    );
}

function addDecisions(app: WebApp, { money, gate }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const params = z.object({ id: z.string().regex(/^[\w.:-]{1,64}$/, 'not an id of this hub') });
  const decide = <Body extends z.ZodRawShape>(
    path: string,
    summary: string,
    body: Body,
    act: (id: string, order: z.output<z.ZodObject<Body>>) => Result<Done, Problem>,
  ): void => {
    const schema = { summary, security, params, body: z.strictObject(body) };
    app.post(
      `/api/money/${path}`,
      { onRequest, schema: { ...schema, response: { 200: doneAnswer } } },
      async (request) =>
        answerOf(act(request.params.id, request.body as z.output<z.ZodObject<Body>>)),
    );
  };

  decide('topups/:id/confirm', 'It was paid, says a person', { ...because, receipt }, (id, body) =>
    money.confirmTopup(id, body),
  );
  decide('topups/:id/deny', 'It was not paid, says a person', because, (id, body) =>
    money.denyTopup(id, body),
  );
  const assignment = { ...because, household: someId, amount: shillings.optional() };
  decide('payments/:id/assign', 'Whose this payment is', assignment, (id, { amount, ...body }) =>
    money.assign(id, { ...body, amountCents: amount }),
  );
  decide('payments/:id/reverse', 'Give a payment back', because, (id, body) =>
    money.reverse(id, body),
  );
  decide('alarms/:id/checked', 'A person has looked into a difference', because, (id, body) =>
    money.checked(id, body),
  );
  const went = { ...because, transaction: receipt.optional(), amount: shillings.optional() };
  decide('out/:id/went', 'A payout or reversal in review was done', went, (id, body) => {
    const { amount: amountCents, transaction, reason } = body;
    return money.went(id, { reason, transaction, amountCents });
  });
  decide('out/:id/failed', 'A payout or reversal in review was not done', because, (id, body) =>
    money.failed(id, body),
  );
  addTerms(app, money, { onRequest, security });
  // These three are about all money: the last part of the path names what is done.
  const household = { ...because, household: someId.optional() };
  decide('all/:id', 'Pause payouts, resume them, or accept the balance', household, (id, body) =>
    aboutAll(money, id, { ...body, household: body.household }),
  );
}

const bandsMost = 50;
const minutesPerHour = 60;
/** Minutes since midnight of a time such as 18:00. */
const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day, such as 18:00')
  .transform((text) => Number(text.slice(0, 2)) * minutesPerHour + Number(text.slice(3)));
const terms = z.strictObject({
  ...because,
  from: timeOfDay.optional(),
  least: shillings.optional(),
  tariff: z
    .array(z.strictObject({ upTo: shillings, fee: shillings }))
    .min(1)
    .max(bandsMost)
    .optional(),
});

function addTerms(
  app: WebApp,
  money: MoneyDesk,
  { onRequest, security }: ReturnType<typeof operatorCalls>,
): void {
  const summary = 'From when on and from how much sellers are paid, and M-Pesa’s fees';
  app.post(
    '/api/money/terms',
    { onRequest, schema: { summary, security, body: terms, response: { 200: doneAnswer } } },
    async ({ body: { reason, from, least, tariff } }) =>
      answerOf(
        money.changeTerms({
          ...{ reason, fromMinute: from, leastCents: least },
          tariff: tariff?.map(({ upTo, fee }) => ({ upToCents: upTo, feeCents: fee })),
        }),
      ),
  );
}

type AboutAll = { readonly reason: string; readonly household: string | undefined };

function aboutAll(money: MoneyDesk, act: string, order: AboutAll): Result<Done, Problem> {
  if (act === 'pause') return money.pause(order);
  if (act === 'resume') return money.resume(order);
  if (act === 'accept-balance') return money.acceptBalance(order);
  const detail = 'pause, resume and accept-balance are known.';
  return { ok: false, error: { status: 404, title: 'Not found', detail } };
}
