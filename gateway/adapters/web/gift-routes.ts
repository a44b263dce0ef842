/** The operator's call for gifts of energy. */
import { z } from 'zod';
import type { GiftDesk } from '../../ports/gift-desk.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import { orderHeaders } from './order-body.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly gifts: GiftDesk;
  readonly gate: OperatorGate;
  readonly limits: Pick<WebLimits, 'ordersPerMinute'>;
};

const energyMostWh = 1_000_000;
const giftAnswer = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  energyWh: z.int(),
});

/** `POST /api/households/{id}/gift`. */
export function addGiftRoutes(app: WebApp, { gifts, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  app.post(
    '/api/households/:id/gift',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'Give energy of the household to another, or to the community’s school',
        security,
        params: z.object({ id: someId }),
        headers: orderHeaders,
        body: z.strictObject({
          energyWh: z.int().min(1).max(energyMostWh),
          to: someId.optional().meta({ description: 'without it: the community’s school' }),
        }),
        response: { 200: giftAnswer },
      },
    },
    async ({ params, body, headers }) =>
      answerOf(gifts.give(params.id, body.to, body.energyWh, headers['idempotency-key'])),
  );
}
