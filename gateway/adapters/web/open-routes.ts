/** What anyone on the LAN may ask: status, board, live events, health, metrics. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { Desk } from '../../ports/desk.ts';
import { boardAnswer, statusAnswer } from './answers.ts';
import type { LiveFeed } from './live-feed.ts';
import type { OperatorGate } from './operator.ts';
import { ProblemError } from './problem.ts';
import type { SessionGate } from './session.ts';
import type { Figure, WebOptions } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = Pick<WebOptions, 'board' | 'readiness' | 'metrics'> & {
  readonly desk: Desk;
  readonly gate: OperatorGate;
  readonly feed: LiveFeed;
  readonly sessions: SessionGate | undefined;
};

const checks = z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() }));
const readyAnswer = z.object({ ready: z.boolean(), checks });

/** `/api/status`, `/api/board`, `/api/events`, `/health/live`, `/health/ready`, `/metrics`, `/api/openapi.json`. */
export function addOpenRoutes(app: WebApp, needs: Needs): void {
  const { desk, gate, feed, board, sessions } = needs;

  app.get(
    '/api/status',
    { schema: { summary: 'What runs, and how well', response: { 200: statusAnswer } } },
    async () => desk.status(),
  );
  app.get(
    '/api/board',
    {
      schema: {
        summary: 'The neighbourhood’s day, nothing private',
        response: { 200: boardAnswer },
      },
    },
    async () => board(),
  );
  app.get(
    '/api/events',
    {
      schema: {
        summary:
          'What happens, live (server-sent events); the operator hears all, a household its own',
      },
    },
    (request, reply) => {
      const household = sessions?.householdOf(request);
      // The page of a household stays one, in the keeper's browser too.
      const operator = gate.isOperator(request) && household === undefined;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      if (!feed.join(reply.raw, { operator, household })) throw feedIsFull();
      reply.hijack();
    },
  );
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  addHealthRoutes(app, needs);
}

function addHealthRoutes(app: WebApp, { readiness, metrics }: Needs): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  // A supervisor that asks often must never be told to wait.
  const config = { rateLimit: false } as const;
  app.get(
    '/health/live',
    {
      config,
      schema: { summary: 'Alive', response: { 200: z.object({ live: z.literal(true) }) } },
    },
    async () => ({ live: true as const }),
  );
  app.get(
    '/health/ready',
    {
      config,
      schema: {
        summary: 'Fit for work, check by check',
        response: { 200: readyAnswer, 503: readyAnswer },
      },
    },
    async (_request, reply) => {
      const found = await readiness();
      const ready = Object.values(found).every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks: found });
    },
  );
  app.get(
    '/metrics',
    { schema: { summary: 'Figures for Prometheus', produces: ['text/plain'] } },
    async (_request, reply) =>
      reply
        .type(registry.contentType)
        .send(`${await registry.metrics()}\n${await figuresText(metrics())}`),
  );
}

/** Written by a registry of one scrape, because the hub counts by itself and only shows the sums. */
function figuresText(figures: readonly Figure[]): Promise<string> {
  const scrape = new Registry();
  for (const { name, help, kind, value, labels = {} } of figures) {
    const known = scrape.getSingleMetric(name);
    const options = { name, help, labelNames: Object.keys(labels), registers: [scrape] };
    const metric = known ?? (kind === 'counter' ? new Counter(options) : new Gauge(options));
    if (metric instanceof Counter || metric instanceof Gauge) metric.inc({ ...labels }, value);
  }
  return scrape.metrics();
}

const feedIsFull = (): ProblemError =>
  new ProblemError(
    { status: 503, title: 'Too many listeners', detail: 'Every place of the live feed is taken.' },
    { 'retry-after': '30' },
  );
