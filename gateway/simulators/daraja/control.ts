/** What tests and the demo may ask of the simulated M-Pesa from outside its process. Never mounted next to its own API. */
import { z } from 'zod';
import * as bodies from './control-bodies.ts';
import { roughDay } from './faults.ts';
import type { MpesaSimulator } from './simulator.ts';

export type ControlAnswer = { readonly status: number; readonly body: unknown };

export type ControlRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Takes the parsed JSON body; undefined for a GET. */
  answer(body: unknown): Promise<ControlAnswer>;
};

const done: ControlAnswer = { status: 200, body: { ok: true } };
const notFound: ControlAnswer = { status: 404, body: { ok: false } };
const conflict = (why: string): ControlAnswer => ({ status: 409, body: { ok: false, why } });

/** The table of control calls, for a loopback server that is not the simulator's own. A body that fits none gets 400. */
export function controlRoutes(mpesa: MpesaSimulator): readonly ControlRoute[] {
  const routes = [...looking(mpesa), ...acting(mpesa), ...breaking(mpesa)];
  const calls = routes.map(({ method, path }) => `${method} ${path}`);
  return [...routes, shows('/mpesa', () => ({ calls }))];
}

const looking = (mpesa: MpesaSimulator): ControlRoute[] => [
  shows('/mpesa/payments', mpesa.payments),
  shows('/mpesa/payouts', mpesa.payouts),
  shows('/mpesa/reversals', mpesa.reversals),
  shows('/mpesa/prompts', mpesa.prompts),
  shows('/mpesa/callbacks', mpesa.letters),
  shows('/mpesa/totals', mpesa.totals),
  shows('/mpesa/clock', () => ({ nowMs: mpesa.now() })),
  shows('/mpesa/public-key', () => ({ publicKeyPem: mpesa.publicKeyPem })),
];

/** What people do. */
const acting = (mpesa: MpesaSimulator): ControlRoute[] => [
  takes('/mpesa/answer', bodies.answer, async ({ checkoutRequestId, deed }) =>
    mpesa.answer(checkoutRequestId, deed) ? done : notFound,
  ),
  takes('/mpesa/pay', bodies.pay, async (paid) => {
    const outcome = await mpesa.sendByHand(paid);
    return outcome.kind === 'paid'
      ? { status: 200, body: { ok: true, receipt: outcome.payment.receipt } }
      : conflict(outcome.kind);
  }),
  takes('/mpesa/behaviour', bodies.behaviour, async ({ phone, ...behaviour }) => {
    mpesa.behave(phone, behaviour);
    return done;
  }),
  takes('/mpesa/clock', bodies.clock, async ({ advanceMs }) =>
    mpesa.advance(advanceMs)
      ? { status: 200, body: { nowMs: mpesa.now() } }
      : conflict('this clock goes by itself'),
  ),
];

/** What breaks. */
const breaking = (mpesa: MpesaSimulator): ControlRoute[] => [
  takes('/mpesa/faults', bodies.faults, async (faults) => {
    mpesa.arm(faults);
    return done;
  }),
  takes('/mpesa/fault-rates', bodies.faultRates, async ({ seed, rates = roughDay }) => {
    mpesa.rollFaults(seed, rates);
    return { status: 200, body: { ok: true, rates } };
  }),
  takes('/mpesa/callbacks/replay', bodies.replay, async ({ id, ...how }) => {
    const answers = await mpesa.replay(id, how);
    return answers === undefined ? notFound : { status: 200, body: { ok: true, answers } };
  }),
  takes('/mpesa/forget-tokens', z.unknown(), async () => {
    mpesa.forgetTokens();
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
