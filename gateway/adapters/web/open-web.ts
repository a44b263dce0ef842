/** Opens the HTTP port: the API, the live page, health and figures. */
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import underPressure from '@fastify/under-pressure';
import Fastify from 'fastify';
import { countAnswers } from './answer-counts.ts';
import { addBoardProxy } from './board-proxy.ts';
import { addClockRoutes } from './clock-routes.ts';
import { addDoctorRoutes } from './doctor-routes.ts';
import { addGiftRoutes } from './gift-routes.ts';
import { addKeeperRoutes } from './keeper-routes.ts';
import { addKeeperSession, keeperGate } from './keeper-session.ts';
import { openLiveFeed } from './live-feed.ts';
import { addMeRoutes } from './me-routes.ts';
import { addMeterRoutes } from './meter-routes.ts';
import { addMoneyRoutes } from './money-routes.ts';
import { addOpenRoutes } from './open-routes.ts';
import { type OperatorGate, operatorGate } from './operator.ts';
import { addPageFiles } from './page-files.ts';
import { addPaymentRoutes } from './payment-routes.ts';
import { notFound, ProblemError, problemAnswer } from './problem.ts';
import { type SessionGate, sessionGate } from './session.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addStandingOrder } from './standing-order.ts';
import { addTunnelRoutes } from './tunnel-routes.ts';
import { addViewRoutes } from './view-routes.ts';
import { addWalletRoutes } from './wallet-routes.ts';
import { usualWebLimits, type WebLimits, type WebOptions } from './web-options.ts';
import { documentRoute, readWithZod, type WebApp, writeJson } from './zod-door.ts';

export interface OpenWeb extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

const requestTimeoutMs = 10_000;
const headersTimeoutMs = 5_000;
const connectionsCheckMs = 1_000;
const minuteMs = 60_000;
const addressesRemembered = 5_000;

/** Listens on `host`:`port`; rejects when the port is taken. Disposing ends every stream and connection. */
export async function openWeb(options: WebOptions): Promise<OpenWeb> {
  const limits = { ...usualWebLimits, ...options.limits };
  const { keeper } = options;
  const isKeeper = keeper && keeperGate(keeper.sessions);
  const gate = operatorGate(options.operatorToken, options.readToken, isKeeper);
  const app: WebApp = Fastify({
    logger: false,
    trustProxy: false,
    forceCloseConnections: true,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    frameworkErrors: (error, request, reply) =>
      problemAnswer(options.log)(
        error.code === 'FST_ERR_BAD_URL' ? malformedAddress() : error,
        request,
        reply,
      ),
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: connectionsCheckMs,
    },
  });
  app.server.maxConnections = limits.connectionsMax;
  app.setValidatorCompiler(readWithZod);
  app.setSerializerCompiler(writeJson);
  app.setErrorHandler(problemAnswer(options.log));
  app.removeContentTypeParser('text/plain');

  await guard(app, limits);
  const portFigures = countAnswers(app);
  await document(app, options.version);
  app.addHook('onRequest', async (request, reply) => {
    // Answers hold what is one household's or only true now; a cache between must not keep them.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, () => {
    throw notFound();
  });

  const { household } = options;
  const feed = openLiveFeed(options.events, limits, household?.me.concerned, household?.nudges);
  app.addHook('preClose', async () => feed[Symbol.dispose]());
  addPaymentRoutes(app, { desk: options.desk, gate, limits });
  addViewRoutes(app, { desk: options.desk, gate });
  addDesks(app, options, { gate, limits });
  if (keeper !== undefined) {
    addKeeperSession(app, keeper.sessions, limits);
    addKeeperRoutes(app, { keeper: keeper.desk, gate, limits });
  }
  const sessions = addHousehold(app, options, limits);
  if (household !== undefined) addStandingOrder(app, { me: household.me, gate, limits });
  const metrics = () => [...options.metrics(), ...portFigures(), ...feed.figures()];
  addOpenRoutes(app, { ...options, metrics, gate, feed, sessions });
  addPageFiles(app, sessions);
  if (options.boardPort !== undefined) addBoardProxy(app, options.boardPort);

  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw error;
  }
  const port = portOf(app);
  return { port, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => app.close() };
}

/** Calls of desks that a hub may be without. */
function addDesks(
  app: WebApp,
  { money, gifts, wallets, meters, tunnel, clock, doctor }: WebOptions,
  shared: { readonly gate: OperatorGate; readonly limits: WebLimits },
): void {
  if (money !== undefined) addMoneyRoutes(app, { money, ...shared });
  if (gifts !== undefined) addGiftRoutes(app, { gifts, ...shared });
  if (wallets !== undefined) addWalletRoutes(app, { wallets, ...shared });
  if (meters !== undefined) addMeterRoutes(app, { meters, ...shared });
  if (tunnel !== undefined) addTunnelRoutes(app, { tunnel, ...shared });
  if (clock !== undefined) addClockRoutes(app, { clock, ...shared });
  if (doctor !== undefined) addDoctorRoutes(app, { doctor, ...shared });
}

function addHousehold(
  app: WebApp,
  { household }: WebOptions,
  limits: WebLimits,
): SessionGate | undefined {
  if (household === undefined) return undefined;
  const gate = sessionGate(household.sessions);
  addSessionRoutes(app, { sessions: household.sessions, gate, limits });
  addMeRoutes(app, { me: household.me, gate, limits });
  return gate;
}

/** Headers for a page on plain http in a LAN, and limits for whoever asks too much. */
async function guard(app: WebApp, limits: WebLimits): Promise<void> {
  await app.register(helmet, {
    // Both would send browsers to an https that a hub on a LAN does not have.
    hsts: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: null,
      },
    },
  });
  await app.register(underPressure, {
    maxEventLoopDelay: limits.eventLoopDelayMaxMs,
    maxRssBytes: limits.residentBytesMax,
    pressureHandler: (request) => {
      // A supervisor must hear that the hub lives, however busy it is.
      if (!request.url.startsWith('/health/')) throw tooBusy();
    },
  });
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: minuteMs,
    cache: addressesRemembered,
    errorResponseBuilder: (_request, { after }) =>
      new ProblemError({ status: 429, title: 'Too many requests', detail: `Wait ${after}.` }),
  });
}

async function document(app: WebApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Jirani', description: 'The hub of an energy neighbourhood', version },
      components: {
        securitySchemes: {
          operator: { type: 'http', scheme: 'bearer' },
          household: { type: 'apiKey', in: 'cookie', name: 'jirani_session' },
        },
      },
    },
    transform: documentRoute,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { validatorUrl: null },
    // The reference page sets styles from its script; nothing of it comes from outside.
    staticCSP:
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  });
}

const malformedAddress = (): ProblemError =>
  new ProblemError({
    status: 400,
    title: 'Bad request',
    detail: 'The address of this call is malformed.',
  });

const tooBusy = (): ProblemError =>
  new ProblemError(
    { status: 503, title: 'Too busy', detail: 'The hub is catching up; ask again soon.' },
    { 'retry-after': '5' },
  );

function portOf(app: WebApp): number {
  const address = app.server.address();
  if (address === null || typeof address === 'string')
    throw new Error('no TCP address to listen on');
  return address.port;
}
