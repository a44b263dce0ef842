/** The operator's calls that tell a meter to do something. Limits as in the meter's protocol, section Commands. */
import { z } from 'zod';
import { commandLifeSecondsMax, commandLifeSecondsUsual } from '../../core/meter-command.ts';
import type { MeterDesk } from '../../ports/meter-desk.ts';
import { answerOf, operatorCalls } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly meters: MeterDesk;
  readonly gate: OperatorGate;
  readonly limits: Pick<WebLimits, 'ordersPerMinute'>;
};

const wattsMax = 100_000;
const leaseSecondsMax = 86_400;
const gainPpmMax = 200_000;
const lagNsMax = 5_000_000;

const for_s = z.int().min(1).max(leaseSecondsMax);
const gain = z.int().min(-gainPpmMax).max(gainPpmMax);
const orders = z.union([
  z.strictObject({
    name: z.literal('limit'),
    args: z.strictObject({ watts: z.int().min(0).max(wattsMax), for_s }),
  }),
  z.strictObject({
    name: z.literal('relay'),
    args: z.union([
      z.strictObject({ on: z.literal(true) }),
      z.strictObject({ on: z.literal(false), for_s }),
    ]),
  }),
  z.strictObject({ name: z.literal('identify'), args: z.strictObject({ for_s }) }),
  z.strictObject({
    name: z.literal('calibrate'),
    args: z.strictObject({
      ...{ u_ppm: gain, i_ppm: gain },
      lag_ns: z.int().min(-lagNsMax).max(lagNsMax),
    }),
  }),
]);
const life = z.int().min(1).max(commandLifeSecondsMax).default(commandLifeSecondsUsual);
const commandBody = z.strictObject({ command: orders, expires_s: life });

const commandAnswer = z.object({
  ...{ id: z.string(), meter: z.string() },
  name: z.enum(['limit', 'relay', 'identify', 'calibrate']),
  args: z.record(z.string(), z.union([z.number(), z.boolean()])),
  state: z.enum(['waiting', 'told', 'answered', 'expired']),
  outcome: z.string().nullable(),
  ...{ madeAt: z.string(), expiresAt: z.string(), tellings: z.int() },
});
/** As a meter may be called: a colon of a MAC address too. */
const meterId = z.string().regex(/^[\w.:-]{1,64}$/, 'not an id of a meter');
const commandId = z.string().regex(/^[\w.:-]{1,32}$/, 'not an id of a command');

/** `POST` and `GET /api/meters/{id}/commands`, `GET /api/meters/{id}/commands/{command}`. */
export function addMeterRoutes(app: WebApp, { meters, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const params = z.object({ id: meterId });
  app.post(
    '/api/meters/:id/commands',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'Tells a meter to do something; it is obeyed once, or not at all after its expiry',
        ...{ security, params, body: commandBody, response: { 202: commandAnswer } },
      },
    },
    async ({ params: { id }, body }, reply) =>
      reply.code(202).send(answerOf(meters.command(id, body.command, body.expires_s))),
  );
  app.get(
    '/api/meters/:id/commands',
    {
      onRequest,
      schema: {
        summary: 'What a meter was told, and what it answered; the newest first',
        ...{ security, params, response: { 200: z.array(commandAnswer) } },
      },
    },
    async ({ params: { id } }) => [...answerOf(meters.commands(id))],
  );
  app.get(
    '/api/meters/:id/commands/:command',
    {
      onRequest,
      schema: {
        summary: 'One command to a meter',
        ...{ security, params: params.extend({ command: commandId }) },
        response: { 200: commandAnswer },
      },
    },
    async ({ params: { id, command } }) => answerOf(meters.commandOf(id, command)),
  );
}
