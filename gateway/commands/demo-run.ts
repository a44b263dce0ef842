/** Runs a demo: starts its processes in order, tells what happens, and looks at the result. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { refuseSecondHub } from '../adapters/lock/one-hub.ts';
import { isInstalled } from '../adapters/node-red/command.ts';
import { usualPorts } from '../config.ts';
import { builtVmeter } from '../simulators/vmeter/program.ts';
import { type Child, startChild, toldToEnd } from './child.ts';
import type { DemoOptions } from './demo.ts';
import type { Begin, WorldReady } from './demo-parts.ts';
import { bootAt, type DemoPlan, originFor, readPlan } from './demo-plan.ts';
import { type DemoReport, reportOn } from './demo-report.ts';
import { closedTrades, followHub, type Hub } from './demo-talk.ts';
import { startOfDemo } from './demo-time.ts';
import { hubEnvironment } from './environment.ts';
import { simulatedMpesaEnvironment } from './simulated-mpesa.ts';

type GatewayReady = { readonly httpPort: number; readonly mqttPort: number };
type ChainReady = { readonly port: number; readonly url: string };

/** The neighbourhood's clock begins this long after the hub was started, so that the hub is there. */
const headStartMs = 1_000;
const seedsMost = 2 ** 31;

/** Resolves to the exit code. Everything that was started has ended by then. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const began = performance.now();
  await using parts = new AsyncDisposableStack();
  const dataDir = folderFor(options.dataDir, parts);
  say('Jirani demo: a neighbourhood on this machine. Nothing here is real money.');
  const ended = toldToEnd();
  const starting = startParts(options, dataDir, parts);
  // When the demo is told to end before, nobody listens to how the start went on.
  starting.catch(() => {});
  const running = await Promise.race([starting, ended.then(() => undefined)]);
  if (running === undefined) return asleep(0);
  const { hub, world, startMs, plan, broken, children } = running;
  const earlier = new Set((await closedTrades(hub)).map(({ id }) => id));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`Ready after ${seconds} s. Time runs ${paceOf(options.speed)}.`);
  for (const line of whereToLook(hub, dataDir, world, children)) say(line);
  const stop = new AbortController();
  parts.defer(() => stop.abort());
  const outcome = await Promise.race([
    followHub(hub, options, { earlier, say, stop: stop.signal }),
    ended.then(() => 'ended' as const),
    broken,
  ]);
  const run = { dataDir, boot: bootAt(plan, startMs), earlier };
  if (options.json) await printReport(await reportOn(hub, world, run));
  if (outcome === 'late')
    say(`After ${options.timeout} s there were not ${options.trades} closed trades.`);
  return asleep(outcome === 'late' ? 1 : 0);
}

function asleep(exitCode: number): number {
  say('The neighbourhood goes to sleep.');
  return exitCode;
}

const paceOf = (speed: number): string =>
  speed === 1 ? 'in real time' : `${speed} times as fast as real time`;

const say = (line: string): void => console.error(line);

type Running = {
  readonly hub: Hub;
  readonly world: WorldReady;
  readonly plan: Pick<DemoPlan, 'originMs'>;
  readonly startMs: number;
  /** Rejects when a part does not stay up. */
  readonly broken: Promise<never>;
  readonly children: readonly Child<unknown>[];
};

/** The world and the ledger first, then the hub: killing the hub leaves both standing. */
async function startParts(
  { seed, households, speed, json, meters }: DemoOptions,
  dataDir: string,
  parts: AsyncDisposableStack,
): Promise<Running> {
  refuseSecondHub(join(dataDir, 'hub.lock'));
  const vmeter = await vmeterWords(meters);
  const before = readPlan(dataDir);
  if (before !== undefined && (before.seed !== seed || before.households !== households))
    say(
      `An earlier demo lives in this folder: it goes on with its ${before.households} households, seed ${before.seed}.`,
    );
  const plan = before ?? { seed, households, originMs: originFor(Date.now()) };
  const args = planArgs(dataDir, plan);
  const env = process.env;
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const start = <Ready>(name: string, childArgs: ChildArgs<Ready>, more: More = {}) => {
    if (parts.disposed) throw new Error('the demo has ended');
    const { lost = `${name} does not stay up`, ...rest } = more;
    const onGivenUp = () => broken.reject(new Error(lost));
    return parts.use(startChild<Ready>({ name, args: childArgs, env, ...rest, onGivenUp }));
  };

  const chain = start<ChainReady>('chain', (ready) => chainArgs(dataDir, ready?.port ?? 0));
  // A simulated M-Pesa that begins again with the same seed would give the same receipts again.
  const mpesaSeed = before === undefined ? seed : randomInt(seedsMost);
  const worldArgs = ['demo-world', ...args, '--mpesa-seed', String(mpesaSeed), ...vmeter];
  const world = start<WorldReady>('simulators', () => worldArgs, noRestart);
  if (before === undefined) {
    say(`Two days pass for ${plan.households} households, with the market closed …`);
    await using preparing = start('preparing', () => ['demo-prepare', ...args]);
    await preparing.ready;
  }
  const startMs = startOfDemo(dataDir, plan);
  const [worldReady, chainReady] = [await world.ready, await chain.ready];
  const origin = process.hrtime.bigint() + BigInt(headStartMs) * 1_000_000n;
  const clock = `${origin}:${startMs}:${speed}`;
  const ports = await choosePorts(process.env);
  const gateway = start<GatewayReady>('gateway', () => ['start'], {
    env: {
      ...{ ...env, ...gatewayEnvironment(dataDir, clock, worldReady, chainReady.url) },
      ...{ NODE_RED: flowsIn(env, json) },
      ...ports,
    },
  });
  const { httpPort, mqttPort } = await gateway.ready;
  world.send({
    originMachineNs: String(origin),
    originNeighbourhoodMs: startMs,
    speed,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
  } satisfies Begin);
  const editorPort = flowsIn(env, json) === 'on' ? ports['NODE_RED_PORT'] : undefined;
  const hub = { url: `http://127.0.0.1:${httpPort}`, editorPort, ...operatorToken(dataDir) };
  const children = [chain, world, gateway];
  return { hub, world: worldReady, plan, startMs, broken: broken.promise, children };
}

/** Builds the virtual meters where they are wanted. Rejects with what is missing for that. */
async function vmeterWords(meters: DemoOptions['meters']): Promise<string[]> {
  if (meters === 'simulated') return [];
  say('The meters run the core of the firmware; it is built first …');
  return ['--vmeter', await builtVmeter()];
}

/** A demo that only counts does without flows, and so does one where Node-RED is not installed. */
const flowsIn = (env: Environment, json: boolean): string =>
  env['NODE_RED'] || (isInstalled() && !json ? 'on' : 'off');

type Environment = Readonly<Record<string, string | undefined>>;
type More = {
  readonly env?: Environment;
  readonly restartsMost?: number;
  /** What is said when the part does not stay up. */
  readonly lost?: string;
};
/** The simulated M-Pesa keeps its books in memory: another one would know nothing of this demo's money. */
const noRestart: More = {
  restartsMost: 0,
  lost: 'The simulated M-Pesa ended and its money is gone with it, so the demo ends.',
};
type ChildArgs<Ready> = (before: Ready | undefined) => readonly string[];

const chainArgs = (dataDir: string, port: number): string[] => [
  ...['chain', 'serve', '--port', String(port)],
  ...['--data-dir', dataDir],
];

function folderFor(asked: string | undefined, parts: AsyncDisposableStack): string {
  if (asked !== undefined) {
    mkdirSync(asked, { recursive: true, mode: 0o700 });
    return asked;
  }
  const folder = mkdtempSync(join(tmpdir(), 'jirani-demo-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const planArgs = (
  dataDir: string,
  { seed, households, originMs }: Omit<DemoPlan, 'passwords'>,
): string[] => [
  ...['--data-dir', dataDir, '--seed', String(seed)],
  ...['--households', String(households), '--origin-ms', String(originMs)],
];

const gatewayEnvironment = (
  dataDir: string,
  clock: string,
  world: WorldReady,
  chainUrl: string,
) => ({
  ...simulatedMpesaEnvironment(world.mpesaUrl, world.publicKeyFile),
  ...{
    JIRANI_DEMO: '1',
    HUB_DATA_DIR: dataDir,
    HUB_CLOCK: clock,
    HUB_NAME: 'Demo neighbourhood',
    HUB_LOG_LEVEL: 'warn',
  },
  ...{
    SCHEME: 'mini-grid',
    READINGS_COMMIT_MS: '50',
    SOLANA_CLUSTER: 'embedded',
    SOLANA_RPC_URLS: chainUrl,
  },
  ...{ WEATHER_BASE_URL: world.weatherUrl, GEMINI_BASE_URL: world.geminiUrl },
  ...{
    GEMINI_API_KEY: 'simulated-gemini-key',
    GEMINI_CALLS_PER_DAY: '10000',
  },
  // What a keeper has set for the real ones has no meaning here.
  ...{ PAYMENT_CALLBACK_URL: '', TUNNEL: '', SOLANA_MINT: '', WEATHER_API_KEY: '' },
});

/**
 * The usual ports where they are free, else any: a demo beside another one still starts. They are chosen here
 * because a hub that is started again must be found where it was.
 */
async function choosePorts(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const chosen: Record<string, string> = {};
  await using held = new AsyncDisposableStack();
  for (const [name, usual] of Object.entries(usualPorts)) {
    const asked = env[name] || undefined;
    // A text that is no port is left to the hub, which tells what is wrong with it.
    const free = asked === undefined ? hold(usual).catch(() => hold(0)) : holdAsked(asked);
    const server = await free;
    if (server !== undefined) held.use(server);
    chosen[name] = String((server?.address() as AddressInfo | undefined)?.port ?? asked);
  }
  return chosen;
}

const holdAsked = async (asked: string): Promise<Server | undefined> =>
  /^\d{1,5}$/.test(asked) && Number(asked) <= 65_535 ? hold(Number(asked)) : undefined;

/** Rejects when the port is taken. */
async function hold(port: number): Promise<Server> {
  const server = createServer();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return server;
}

/** The keeper's own token where there is one, as for every hub; the screen shows only where it is. */
function operatorToken(dataDir: string): Pick<Hub, 'token' | 'tokenIsIn'> {
  const file = join(dataDir, 'operator-token');
  const given = hubEnvironment()['HUB_OPERATOR_TOKEN'];
  if (given) return { token: given, tokenIsIn: '$HUB_OPERATOR_TOKEN' };
  return { token: readFileSync(file, 'utf8').trim(), tokenIsIn: `$(cat ${quoted(resolve(file))})` };
}

/** As one word of a shell. */
const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function whereToLook(
  hub: Hub,
  dataDir: string,
  world: WorldReady,
  children: readonly Child<unknown>[],
): string[] {
  const processes = children.map((child) => `${child.name} ${child.pid()}`).join(', ');
  const folder = quoted(resolve(dataDir));
  const token = hub.tokenIsIn.startsWith('$(') ? ` HUB_OPERATOR_TOKEN="${hub.tokenIsIn}"` : '';
  return [
    '',
    `  page       ${hub.url}/`,
    ...flowsLines(hub, folder),
    `  API        ${hub.url}/docs      token: ${hub.tokenIsIn}`,
    `  simulators ${world.controlUrl}/control      processes: ${processes}`,
    '  for another terminal:',
    `  export HTTP_PORT=${new URL(hub.url).port || '80'} HUB_DATA_DIR=${folder}${token}`,
    '  Ctrl-C ends it.',
    '',
  ];
}

function flowsLines({ url, editorPort }: Hub, folder: string): string[] {
  if (editorPort === undefined)
    return ['  flows      off: NODE_RED=on scripts/hub demo brings Node-RED and the board'];
  return [
    `  board      ${url}/board/`,
    `  flows      http://127.0.0.1:${editorPort}/red/      keeper, password: $(cat ${folder}/flows-editor-password)`,
  ];
}

async function printReport(report: DemoReport): Promise<void> {
  const written = Promise.withResolvers<void>();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`, () => written.resolve());
  await written.promise;
}
