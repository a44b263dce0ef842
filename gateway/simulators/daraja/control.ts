/** What tests and the demo may ask of the simulated M-Pesa from outside its process. Never mounted next to its own API. */
import { z } from 'zod';
import { callNames } from './call.ts';
import type { MpesaSimulator } from './simulator.ts';

export type ControlAnswer = { readonly status: number; readonly body: unknown };

export type ControlRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Takes the parsed JSON body; undefined for a GET. */
  answer(body: unknown): Promise<ControlAnswer>;
};

const answerBody = z.strictObject({
  checkoutRequestId: z.string().max(64),
  deed: z.enum(['pay', 'cancel']),
});

/** A fault may be ordered for this many requests at most. */
const count = z.int().min(0).max(1_000).optional();
const faultsBody = z.strictObject({
  call: z.enum(callNames).optional(),
  slowMs: z.int().min(0).max(60_000).optional(),
  dropAnswer: count,
  reset: count,
  html: count,
  empty: count,
  busy: count,
  spikeArrest: count,
  slow: count,
  drip: count,
});

const done: ControlAnswer = { status: 200, body: { ok: true } };

/** The table of control calls, for a loopback server that is not the simulator's own. A body that fits none gets 400. */
export function controlRoutes(mpesa: MpesaSimulator): readonly ControlRoute[] {
  return [
    shows('/mpesa/payments', mpesa.payments),
    shows('/mpesa/payouts', mpesa.payouts),
    shows('/mpesa/prompts', mpesa.prompts),
    shows('/mpesa/totals', mpesa.totals),
    shows('/mpesa/public-key', () => ({ publicKeyPem: mpesa.publicKeyPem })),
    takes('/mpesa/answer', answerBody, async ({ checkoutRequestId, deed }) =>
      mpesa.answer(checkoutRequestId, deed) ? done : { status: 404, body: { ok: false } },
    ),
    takes('/mpesa/faults', faultsBody, async (faults) => {
      mpesa.arm(faults);
      return done;
    }),
    takes('/mpesa/stop', z.unknown(), async () => {
      await mpesa.stop();
      return done;
    }),
    takes('/mpesa/resume', z.unknown(), async () => {
      await mpesa.resume();
      return done;
    }),
  ];
}

const shows = (path: string, look: () => unknown): ControlRoute => ({
  method: 'GET',
  path,
  answer: async () => ({ status: 200, body: look() }),
});

const takes = <T>(
  path: string,
  schema: z.ZodType<T>,
  act: (body: T) => Promise<ControlAnswer>,
): ControlRoute => ({
  method: 'POST',
  path,
  async answer(body) {
    const read = schema.safeParse(body);
    return read.success ? act(read.data) : { status: 400, body: { ok: false } };
  },
});
