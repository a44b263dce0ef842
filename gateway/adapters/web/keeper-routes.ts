/** `/api/keeper…`: what decides about the hub. For the operator, by token or by the keeper's cookie. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KeeperDesk } from '../../ports/keeper-desk.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import {
  codeAnswer,
  householdBody,
  keeperAnswer,
  limitName,
  meterAnswer,
  meterBody,
  residentAnswer,
} from './keeper-answers.ts';
import { doneAnswer } from './money-answers.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly keeper: KeeperDesk;
  readonly gate: OperatorGate;
  readonly limits: WebLimits;
};

const reasonMost = 200;
const because = z.strictObject({
  reason: z.string().trim().min(1).max(reasonMost).default('decided by the keeper'),
});

export function addKeeperRoutes(app: WebApp, needs: Needs): void {
  addDecisions(app, needs);
  addEnrolment(app, needs);
}

function addDecisions(app: WebApp, { keeper, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const config = { rateLimit: { max: limits.ordersPerMinute } };
  app.get(
    '/api/keeper',
    {
      onRequest,
      schema: {
        summary: 'Limits, pauses, households and meters: what the keeper’s page shows',
        ...{ security, response: { 200: keeperAnswer } },
      },
    },
    async () => keeper.view(),
  );
  app.put(
    '/api/keeper/limits/:name',
    {
      ...{ onRequest, config },
      schema: {
        summary: 'Moves a limit; the answer says from when on it counts',
        ...{ security, params: z.object({ name: limitName }) },
        body: z.strictObject({ value: z.int().min(0) }),
        response: { 200: z.object({ from: z.string() }) },
      },
    },
    async ({ params, body }) => answerOf(keeper.changeLimit(params.name, body.value)),
  );
  const acts = {
    pause: { summary: 'Stops the market and all payouts', act: keeper.pauseAll },
    resume: { summary: 'Ends what pause began', act: keeper.resumeAll },
  } as const;
  for (const [word, { summary, act }] of Object.entries(acts))
    app.post(
      `/api/keeper/${word}`,
      {
        ...{ onRequest, config },
        schema: { ...{ summary, security }, body: because, response: { 200: doneAnswer } },
      },
      async ({ body }) => act(body.reason),
    );
}

/** Where the keeper's browser found the hub; the phone of a household stands in the same network. */
const originOf = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}`;

function addEnrolment(app: WebApp, { keeper, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const config = { rateLimit: { max: limits.ordersPerMinute } };
  const params = z.object({ id: someId });
  app.post(
    '/api/keeper/households',
    {
      ...{ onRequest, config },
      schema: {
        summary: 'Enrols a household',
        ...{ security, body: householdBody, response: { 200: residentAnswer } },
      },
    },
    async ({ body }) => answerOf(keeper.enrol(body)),
  );
  app.post(
    '/api/keeper/households/:id/code',
    {
      ...{ onRequest, config },
      schema: {
        summary: 'A code that signs the household in once, as link and QR code',
        ...{ security, params, response: { 200: codeAnswer } },
      },
    },
    async (request) => answerOf(keeper.signInCode(request.params.id, originOf(request))),
  );
  app.post(
    '/api/keeper/households/:id/pin',
    {
      ...{ onRequest, config },
      schema: {
        summary: 'A new PIN, shown once; the household’s phones are signed out',
        ...{ security, params, response: { 200: z.object({ pin: z.string() }) } },
      },
    },
    async (request) => answerOf(await keeper.newPin(request.params.id)),
  );
  app.post(
    '/api/keeper/meters',
    {
      ...{ onRequest, config },
      schema: {
        summary: 'Registers a meter; its password and QR code are shown once',
        ...{ security, body: meterBody, response: { 200: meterAnswer } },
      },
    },
    async (request) => {
      const { household, place } = request.body;
      return answerOf(keeper.addMeter(household, place));
    },
  );
  app.delete(
    '/api/keeper/meters/:id',
    {
      ...{ onRequest, config },
      schema: {
        summary: 'Ends a meter; its readings stay',
        ...{ security, params, response: { 200: doneAnswer } },
      },
    },
    async (request) => answerOf(keeper.revokeMeter(request.params.id)),
  );
}
