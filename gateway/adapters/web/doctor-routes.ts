/** The operator's call that makes the hub call everything outside of it, now. */
import { z } from 'zod';
import type { Checkup, DoctorDesk } from '../../ports/doctor-desk.ts';
import { operatorCalls } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly doctor: DoctorDesk;
  readonly gate: OperatorGate;
  readonly limits: Pick<WebLimits, 'ordersPerMinute'>;
};

const checkupAnswer = z.object({
  version: z.string(),
  pid: z.int(),
  mqttPort: z.int().nullable(),
  upMs: z.int(),
  memoryBytes: z.int(),
  writtenBytes: z.int().nullable(),
  calls: z
    .array(
      z.object({
        name: z.string(),
        state: z.enum(['ok', 'doubtful', 'failed']),
        detail: z.string(),
        tookMs: z.int(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<Checkup>;

/** `POST /api/doctor`. */
export function addDoctorRoutes(app: WebApp, { doctor, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  app.post(
    '/api/doctor',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'Call M-Pesa and the chain now, and say what this process takes',
        security,
        body: z.strictObject({}),
        response: { 200: checkupAnswer },
      },
    },
    () => doctor.checkup(),
  );
}
