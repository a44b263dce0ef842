/** `start`: the daemon, configured by its environment; in the foreground until SIGTERM. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { refuseSecondHub } from '../adapters/lock/one-hub.ts';
import { openLog } from '../adapters/log/pino-log.ts';
import { openWatchman } from '../adapters/systemd/open-watchman.ts';
import { type Config, unknownNames } from '../config.ts';
import { trialMode } from '../core/tunnel.ts';
import { type Child, sayReady, startChild, toldToEnd } from './child.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { askForMigrationTime, tellWatchman } from './hub-watch.ts';
import { simulatedMpesaEnvironment } from './simulated-mpesa.ts';

type Environment = Record<string, string | undefined>;

/** Adds `start`. */
export function startCommand(program: Command): void {
  program
    .command('start')
    .description('run the hub in the foreground; SIGTERM ends it')
    .action(start);
}

/** A programming error of the readings writer: systemd starts us again, and the books are still right. */
const fatalExit = 70;

async function start(): Promise<void> {
  const watchman = openWatchman(process.env);
  const env = hubEnvironment();
  const asked = configFrom(env);
  const unknown = unknownNames(env);
  if (unknown.length > 0) console.error(`Without effect, nobody knows: ${unknown.join(', ')}.`);
  mkdirSync(asked.HUB_DATA_DIR, { recursive: true, mode: 0o700 });
  refuseSecondHub(join(asked.HUB_DATA_DIR, 'hub.lock'));
  askForMigrationTime(watchman, asked.HUB_DATA_DIR);
  await using helpers = new AsyncDisposableStack();
  const config = configFrom({ ...env, ...(await startMissing(asked, env, helpers)) });
  const log = openLog({ level: config.HUB_LOG_LEVEL });
  // Loaded late: a wrong configuration is told in a moment, without loading the hub.
  const { openHub } = await import('../main.ts');
  await using hub = await openHub({
    config,
    log,
    onFatal: (error) => {
      log.error('the hub must start again', { error: error.message });
      process.exit(fatalExit);
    },
  });
  for (const line of whatRuns(config, hub.httpPort, env['JIRANI_DEMO'] === '1'))
    console.error(line);
  await using _watched = await tellWatchman(watchman, config.HUB_DATA_DIR, hub);
  const { httpPort, callbackPort, mqttPort, mqttsPort } = hub;
  sayReady({ httpPort, callbackPort, mqttPort, mqttsPort });
  await toldToEnd();
  console.error('The hub is closing.');
}

/** Starts what the configuration leaves to us: the embedded ledger, and the simulated M-Pesa. */
async function startMissing(
  config: Config,
  env: Environment,
  helpers: AsyncDisposableStack,
): Promise<Environment> {
  const dataDir = ['--data-dir', config.HUB_DATA_DIR];
  const found: Environment = {};
  if (config.SOLANA_CLUSTER === 'embedded' && config.SOLANA_RPC_URLS === undefined) {
    const chain = helpers.use(serve('chain', dataDir, env));
    found['SOLANA_RPC_URLS'] = (await chain.ready).url;
  }
  if (config.MPESA_ENVIRONMENT === 'simulator' && config.MPESA_BASE_URL === undefined) {
    const mpesa = helpers.use(serve('mpesa', dataDir, env));
    const { url, publicKeyFile } = await mpesa.ready;
    Object.assign(found, simulatedMpesaEnvironment(url, publicKeyFile ?? ''));
  }
  return found;
}

type Serving = { readonly port: number; readonly url: string; readonly publicKeyFile?: string };

const serve = (
  name: 'chain' | 'mpesa',
  args: readonly string[],
  env: Environment,
): Child<Serving> =>
  startChild<Serving>({
    name,
    args: (before) => [name, 'serve', '--port', String(before?.port ?? 0), ...args],
    env,
  });

/** A demo has said by itself that nothing in it is real. */
function whatRuns(config: Config, httpPort: number, inDemo: boolean): string[] {
  const lines = [`Jirani runs: http://127.0.0.1:${httpPort}/`];
  if (inDemo) return lines;
  if (config.MPESA_ENVIRONMENT === 'simulator')
    lines.push(
      'M-Pesa is SIMULATED: no money moves. Set MPESA_ENVIRONMENT and its keys for a real one.',
    );
  if (config.TUNNEL === 'localtunnel') lines.push(`The tunnel is a trial: ${trialMode}.`);
  if (config.SOLANA_CLUSTER === 'embedded')
    lines.push(
      'Tokens live on a local ledger with one operator. SOLANA_CLUSTER chooses a public one.',
    );
  if (config.GEMINI_API_KEY === undefined)
    lines.push('Advice comes from the rule alone: GEMINI_API_KEY is not set.');
  if (config.WEATHER_BASE_URL === undefined)
    lines.push('No weather service: WEATHER_BASE_URL is not set.');
  return lines;
}
