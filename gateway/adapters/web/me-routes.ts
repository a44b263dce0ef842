/** `/api/me…`: the calls of one household. The session decides whose they are; no address and no body names one. */
import { z } from 'zod';
import type { MeDesk } from '../../ports/me-desk.ts';
import { answerOf, someId } from './desk-calls.ts';
import { meAnswer, nowAnswer, orderOfHousehold, ruleAnswer } from './me-answers.ts';
import { doneAnswer } from './money-answers.ts';
import { shillings } from './money-routes.ts';
import { orderHeaders } from './order-body.ts';
import type { SessionGate } from './session.ts';
import { orderWanted, priceMostCents } from './standing-order.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = { readonly me: MeDesk; readonly gate: SessionGate; readonly limits: WebLimits };

const reserveMostWh = 100_000;
const minutesOfDay = 24 * 60;
const minuteOfDay = z
  .int()
  .min(0)
  .max(minutesOfDay - 1);

const ruleChange = z.strictObject({
  reserveWh: z.int().min(0).max(reserveMostWh).optional(),
  tonight: z.enum(['advice', 'keep', 'sell']).optional(),
  askFirst: z.boolean().optional(),
  sellFloorCents: z.int().min(0).max(priceMostCents).optional(),
  buyCeilingCents: z.int().min(0).max(priceMostCents).optional(),
  quietFromMinute: minuteOfDay.optional(),
  quietUntilMinute: minuteOfDay.optional(),
  language: z.enum(['en', 'sw']).optional(),
});

const security = [{ household: [] }];

export function addMeRoutes(app: WebApp, needs: Needs): void {
  addLooks(app, needs);
  addWishes(app, needs);
  addOrder(app, needs);
}

function addLooks(app: WebApp, { me, gate }: Needs): void {
  const { householdOnly: onRequest } = gate;
  app.get(
    '/api/me',
    {
      onRequest,
      schema: {
        summary: 'Everything of the household’s page',
        security,
        response: { 200: meAnswer },
      },
    },
    async (request) => answerOf(me.view(gate.household(request))),
  );
  app.get(
    '/api/me/now',
    {
      onRequest,
      schema: { summary: 'Sun, use and surplus now', security, response: { 200: nowAnswer } },
    },
    async (request) => me.now(gate.household(request)),
  );
  app.get(
    '/api/me/receipts/:id',
    {
      onRequest,
      schema: {
        summary: 'The receipt of one of its trades, as a file that needs no trust',
        security,
        params: z.object({ id: someId }),
      },
    },
    async (request, reply) => {
      const file = answerOf(me.receipt(gate.household(request), request.params.id));
      const name = `receipt-${request.params.id}.json`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      return file;
    },
  );
}

function addWishes(app: WebApp, { me, gate, limits }: Needs): void {
  const { householdOnly: onRequest } = gate;
  const config = { rateLimit: { max: limits.ordersPerMinute } };
  app.patch(
    '/api/me/rule',
    {
      onRequest,
      config,
      schema: {
        summary: 'Reserve, tonight, asking first, price limits, quiet hours, language',
        ...{ security, body: ruleChange, response: { 200: ruleAnswer } },
      },
    },
    async (request) => {
      // Fields that were not sent must not be there at all, since what is undefined changes nothing.
      const change = Object.fromEntries(
        Object.entries(request.body).filter(([, value]) => value !== undefined),
      );
      return answerOf(me.changeRule(gate.household(request), change));
    },
  );
  app.post(
    '/api/me/proposals/:id',
    {
      onRequest,
      config,
      schema: {
        summary: 'Answers an offer of a household that wants to be asked first',
        ...{ security, params: z.object({ id: someId }) },
        body: z.strictObject({ decision: z.enum(['approve', 'veto']) }),
        response: { 200: doneAnswer },
      },
    },
    async (request) => {
      const yes = request.body.decision === 'approve';
      return answerOf(me.answer(gate.household(request), request.params.id, yes));
    },
  );
  app.post(
    '/api/me/gift',
    {
      onRequest,
      config,
      schema: {
        summary: 'Gives energy to the community’s school or clinic',
        ...{ security, headers: orderHeaders, response: { 200: doneAnswer } },
        body: z.strictObject({ energyWh: z.int().min(1).max(reserveMostWh) }),
      },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      return answerOf(me.gift(gate.household(request), request.body.energyWh, key));
    },
  );
  const orders = {
    topup: { summary: 'Rings the household’s own phone for money', act: me.topUp },
    withdraw: { summary: 'Sends money from the wallet to its own phone', act: me.withdraw },
  } as const;
  for (const [word, { summary, act }] of Object.entries(orders))
    app.post(
      `/api/me/${word}`,
      {
        onRequest,
        config,
        schema: {
          summary,
          ...{
            security,
            body: z.strictObject({ amount: shillings }),
            response: { 200: doneAnswer },
          },
        },
      },
      async (request) => answerOf(act(gate.household(request), request.body.amount)),
    );
}

function addOrder(app: WebApp, { me, gate, limits }: Needs): void {
  const { householdOnly: onRequest } = gate;
  const config = { rateLimit: { max: limits.ordersPerMinute } };
  app.put(
    '/api/me/order',
    {
      onRequest,
      config,
      schema: {
        summary: 'What the household is willing to buy, as a whole',
        ...{ security, body: orderWanted, response: { 200: orderOfHousehold } },
      },
    },
    async (request) => answerOf(me.setOrder(gate.household(request), request.body)),
  );
}
