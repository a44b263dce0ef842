/** What a household is willing to buy: its own call is among those of its page, the operator's is here. */
import { z } from 'zod';
import type { MeDesk } from '../../ports/me-desk.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import { orderOfHousehold } from './me-answers.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

/** KES 100 a kWh: far beyond any tariff of Kenya's. */
export const priceMostCents = 10_000;
const dayMostCents = 5_000_000;
const blockMostCents = 500_000;
/** M-Pesa carries whole shillings. */
const shilling = 100;

export const orderWanted = z.strictObject({
  buy: z.boolean(),
  ceilingCents: z.int().min(0).max(priceMostCents),
  dayMostCents: z.int().min(0).max(dayMostCents),
  blockCents: z.int().min(0).max(blockMostCents).multipleOf(shilling),
});

type Needs = {
  readonly me: Pick<MeDesk, 'order' | 'setOrder'>;
  readonly gate: OperatorGate;
  readonly limits: Pick<WebLimits, 'ordersPerMinute'>;
};

/** `GET` and `PUT /api/households/{id}/order`. */
export function addStandingOrder(app: WebApp, { me, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const params = z.object({ id: someId });
  const response = { 200: orderOfHousehold };
  app.get(
    '/api/households/:id/order',
    {
      onRequest,
      schema: { summary: 'What a household is willing to buy', security, params, response },
    },
    async (request) => answerOf(me.order(request.params.id)),
  );
  app.put(
    '/api/households/:id/order',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'What a household is willing to buy, as a whole, from the next slot on',
        ...{ security, params, body: orderWanted, response },
      },
    },
    async ({ params: { id }, body }) => answerOf(me.setOrder(id, body)),
  );
}
