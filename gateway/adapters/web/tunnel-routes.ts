/** The operator's call that walks the way of a callback. */
import { z } from 'zod';
import type { RoundTrip, TunnelDesk } from '../../ports/tunnel.ts';
import { operatorCalls } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly tunnel: TunnelDesk;
  readonly gate: OperatorGate;
  readonly limits: Pick<WebLimits, 'ordersPerMinute'>;
};

const roundTripAnswer = z.object({
  mode: z.enum(['static', 'localtunnel', 'command', 'none']),
  result: z.enum(['ok', 'failed', 'away']),
  steps: z
    .array(
      z.object({
        step: z.string(),
        result: z.enum(['ok', 'warning', 'failed', 'away', 'left-out']),
        detail: z.string(),
        tookMs: z.int(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<RoundTrip>;

/** `POST /api/tunnel/test`. */
export function addTunnelRoutes(app: WebApp, { tunnel, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  app.post(
    '/api/tunnel/test',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'Walk the way of a callback from the public address to the hub, step by step',
        security,
        body: z.strictObject({}),
        response: { 200: roundTripAnswer },
      },
    },
    () => tunnel.test(),
  );
}
