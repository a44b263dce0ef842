/** The operator's calls about the hub's clock. */
import { z } from 'zod';
import type { ClockDesk } from '../../ports/hub-clock.ts';
import { operatorCalls } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import { ProblemError } from './problem.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly clock: ClockDesk;
  readonly gate: OperatorGate;
  readonly limits: Pick<WebLimits, 'ordersPerMinute'>;
};

const clockAnswer = z.object({
  time: z.string(),
  trust: z.enum(['trusted', 'provisional', 'untrusted']),
  because: z.string(),
  jumps: z.int(),
  wallAheadMs: z.int(),
  witnesses: z.record(z.string(), z.int()),
}) satisfies z.ZodType<ReturnType<ClockDesk['show']>>;

const confirmBody = z.strictObject({ time: z.iso.datetime({ offset: true }) });

/** `GET /api/clock`, `POST /api/clock`. */
export function addClockRoutes(app: WebApp, { clock, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  app.get(
    '/api/clock',
    {
      onRequest,
      schema: {
        summary: 'What the hub’s clock shows, and why it is believed or not',
        security,
        response: { 200: clockAnswer },
      },
    },
    async () => clock.show(),
  );
  app.post(
    '/api/clock',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'Say what time it is, where nobody else can',
        security,
        body: confirmBody,
        response: { 200: clockAnswer },
      },
    },
    async (request) => {
      if (!clock.confirm(Date.parse(request.body.time))) throw impossible();
      return clock.show();
    },
  );
}

const impossible = (): ProblemError =>
  new ProblemError({ status: 422, title: 'Impossible time', detail: 'That time is long past.' });
