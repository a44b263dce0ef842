/** The calls that only look: trades, households, readings, advice, market, ledger. */
import { z } from 'zod';
import type { Desk } from '../../ports/desk.ts';
import { forecastAnswer, scoreboardAnswer } from './advice-answers.ts';
import {
  adviceAnswer,
  chainAnswer,
  householdAnswer,
  householdsAnswer,
  ledgerAnswer,
  marketAnswer,
  readingsAnswer,
  tradeAnswer,
  tradesAnswer,
} from './answers.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import { ProblemError } from './problem.ts';
import type { WebApp } from './zod-door.ts';

type Needs = { readonly desk: Desk; readonly gate: OperatorGate };

const rowsUsual = 100;
const rowsMax = 500;

const howMany = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `a whole number from 1 to ${rowsMax}`)
    .transform(Number)
    .refine((rows) => rows <= rowsMax, `at most ${rowsMax}`)
    .optional(),
});

/** What the API calls a resolution, and what a bucket is called here; raw has no buckets. */
const widths = {
  raw: undefined,
  '1min': 'minute',
  '15min': 'quarter',
  '1h': 'hour',
  '1d': 'day',
} as const;

const whichMeter = {
  status: 400,
  title: 'Invalid request',
  detail: 'meter must be named for raw readings.',
  field: 'meter',
} as const;

const readingsQuery = z.strictObject({
  meter: someId.optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  resolution: z.enum(['raw', '1min', '15min', '1h', '1d']).optional(),
});

/** What an operator may look at: trades, households, readings, advice and its worth, market, ledger, chain. */
export function addViewRoutes(app: WebApp, { desk, gate }: Needs): void {
  addPeopleRoutes(app, { desk, gate });
  addAdviceRoutes(app, { desk, gate });
  const { onRequest, security } = operatorCalls(gate);
  const looks = (summary: string) => ({ summary, security });

  app.get(
    '/api/readings',
    {
      onRequest: gate.readersOnly,
      schema: {
        ...looks(
          'Readings of a meter, oldest first; or roll-ups, of all meters when none is named',
        ),
        querystring: readingsQuery,
        response: { 200: readingsAnswer },
      },
    },
    async ({ query: { meter, from, to, resolution } }) => {
      const width = resolution === undefined ? undefined : widths[resolution];
      if (width !== undefined)
        return { rollups: answerOf(await desk.rollups({ meter, width, from, to })) };
      if (meter === undefined) throw new ProblemError(whichMeter);
      return { readings: answerOf(await desk.readings({ meter, from, to })) };
    },
  );
  app.get(
    '/api/market',
    { onRequest, schema: { ...looks('Rate and last rounds'), response: { 200: marketAnswer } } },
    async () => desk.market(),
  );
  app.get(
    '/api/ledger',
    {
      onRequest,
      schema: { ...looks('Both ledgers and their trial balance'), response: { 200: ledgerAnswer } },
    },
    async () => desk.ledger(),
  );
  app.get(
    '/api/chain',
    {
      onRequest,
      schema: { ...looks('Tokens on chain, asked now'), response: { 200: chainAnswer } },
    },
    async () => answerOf(await desk.chain()),
  );
}

function addAdviceRoutes(app: WebApp, { desk, gate }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const looks = (summary: string) => ({ summary, security });

  app.get(
    '/api/advice',
    {
      onRequest,
      schema: {
        ...looks('What the hub advised, why, and what it knew then'),
        querystring: howMany,
        response: { 200: adviceAnswer },
      },
    },
    async ({ query }) => ({ advice: desk.advice(query.limit ?? rowsUsual) }),
  );
  app.get(
    '/api/scoreboard',
    {
      onRequest,
      schema: {
        ...looks('What the advice of the last 30 days was worth, and the best that was possible'),
        response: { 200: scoreboardAnswer },
      },
    },
    async () => desk.scoreboard(),
  );
  app.get(
    '/api/forecast',
    {
      onRequest,
      schema: {
        ...looks('Forecasts of each household, and how good they have been'),
        response: { 200: forecastAnswer },
      },
    },
    async () => desk.forecast(),
  );
}

function addPeopleRoutes(app: WebApp, { desk, gate }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const params = z.object({ id: someId });

  app.get(
    '/api/trades',
    {
      onRequest,
      schema: {
        summary: 'The last trades, newest first',
        security,
        querystring: howMany,
        response: { 200: tradesAnswer },
      },
    },
    async ({ query }) => ({ trades: desk.trades(query.limit ?? rowsUsual) }),
  );
  app.get(
    '/api/trades/:id',
    {
      onRequest,
      schema: {
        summary: 'One trade and its whole journey',
        security,
        params,
        response: { 200: tradeAnswer },
      },
    },
    async (request) => answerOf(desk.trade(request.params.id)),
  );
  app.get(
    '/api/households',
    {
      onRequest,
      schema: { summary: 'Every household', security, response: { 200: householdsAnswer } },
    },
    async () => ({ households: desk.households() }),
  );
  app.get(
    '/api/households/:id',
    {
      onRequest,
      schema: { summary: 'One household', security, params, response: { 200: householdAnswer } },
    },
    async (request) => answerOf(desk.household(request.params.id)),
  );
}
