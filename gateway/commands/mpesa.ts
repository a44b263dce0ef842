/** `mpesa serve`: the M-Pesa simulator alone, for a hub without credentials and for other people's M-Pesa code. */
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { serveControl } from '../simulators/control-server.ts';
import { controlRoutes } from '../simulators/daraja/control.ts';
import {
  callbackFaults,
  type FaultRates,
  requestFaults,
  roughDay,
} from '../simulators/daraja/faults.ts';
import { startMpesaSimulator } from '../simulators/daraja/simulator.ts';
import { virtualClock } from '../simulators/daraja/virtual-clock.ts';
import { sayReady, toldToEnd } from './child.ts';
import { hubEnvironment } from './environment.ts';
import { port, wholeWithin, within } from './number-option.ts';
import { simulatedMpesa } from './simulated-mpesa.ts';

type Options = {
  port: number;
  controlPort?: number;
  dataDir: string;
  seed?: number;
  faults?: number;
  faultRates?: FaultRates;
  virtualClock?: number | true;
  environment: string;
  manual?: true;
  singleToken?: true;
  lenientLengths?: true;
  validatesPaybill?: true;
  requestsPerSecond?: number;
  json?: true;
};

/** A simulator that begins again with the same seed gives the same receipts again, and the books refuse those. */
const seedsMost = 2 ** 31;
const usualPort = 8900;
const portsMost = 65_535;
const seed = wholeWithin(0, seedsMost);

/** Adds `mpesa serve`; docs/mpesa-simulator.md explains it to people who test their own code. */
export function mpesaCommand(program: Command): void {
  program
    .command('mpesa')
    .description('the M-Pesa simulator')
    .command('serve')
    .description('simulate M-Pesa (Daraja) on loopback; no money moves')
    .option('--port <n>', 'port; 0 takes any', port, usualPort)
    .option(
      '--control-port <n>',
      'port of the control calls; 0 takes any; next to --port otherwise',
      port,
    )
    .option('--data-dir <dir>', 'where its certificate and its public key are written', 'data')
    .option('--seed <n>', 'seed of its chance; another one at each start otherwise', seed)
    .option('--faults <seed>', 'faults happen by chance; the same seed, the same faults', seed)
    .option('--fault-rates <list>', 'name=share,… instead of a rough day; needs --faults', rates)
    .option('--virtual-clock [start]', 'time stands still until a control call moves it', moment)
    .option('--manual', 'prompts wait for a control call instead of for their phone’s digits')
    .option('--single-token', 'each access token ends the one before')
    .option('--lenient-lengths', 'AccountReference and TransactionDesc may be too long')
    .option('--validates-paybill', 'asks the validation URL before money sent by hand arrives')
    .option('--requests-per-second <n>', 'more are a spike arrest (429)', within(0.1, 10_000))
    .option('--environment <name>', 'what it calls itself; never production', 'simulator')
    .option('--json', 'says where it is as one JSON line on stdout')
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  refuseProduction(options.environment);
  const { dataDir, faults, requestsPerSecond, seed: asked = randomInt(seedsMost) } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const publicKeyFile = join(dataDir, 'mpesa-simulator.pem');
  const certificateFile = join(dataDir, 'mpesa-simulator.cer');
  const { singleToken = false, lenientLengths = false, validatesPaybill = false } = options;
  await using simulator = await startMpesaSimulator({
    ...{ ...simulatedMpesa, port: options.port, seed: asked, clock: clockOf(options) },
    ...{ publicKeyFile, certificateFile, manual: options.manual ?? false },
    ...{ singleToken, lenientLengths, validatesPaybill },
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecondMax: requestsPerSecond }),
    ...(faults === undefined
      ? {}
      : { faultSeed: faults, faultRates: options.faultRates ?? roughDay }),
  });
  const control = await serveControl(controlRoutes(simulator), controlPortOf(options));
  const facts = {
    ...{ baseUrl: simulator.url, controlUrl: `${control.url}/control`, ...simulatedMpesa },
    certificatePath: resolve(certificateFile),
    publicKeyPath: resolve(publicKeyFile),
    ...{ seed: asked, faultSeed: faults ?? null },
  };
  console.error(`simulated M-Pesa: ${simulator.url}; control: ${facts.controlUrl}`);
  if (options.json) console.log(JSON.stringify(facts));
  // A hub that started it, even one that is dead by now, knows the account, and its journal shall not.
  else if (process.send === undefined) for (const line of told(facts)) console.error(line);
  sayReady({ port: simulator.port, url: simulator.url, publicKeyFile });
  await toldToEnd();
  await control.stop();
}

type Facts = typeof simulatedMpesa & {
  readonly certificatePath: string;
  readonly seed: number;
};

/** What a client is given. None of it is secret, and it opens nothing real. */
const told = (facts: Facts): string[] => [
  `  consumer key        ${facts.consumerKey}`,
  `  consumer secret     ${facts.consumerSecret}`,
  `  shortcode           ${facts.shortcode}`,
  `  passkey             ${facts.passkey}`,
  `  initiator           ${facts.initiatorName}`,
  `  initiator password  ${facts.initiatorPassword}`,
  `  certificate         ${facts.certificatePath}`,
  `  seed                ${facts.seed}`,
  'No money moves. docs/mpesa-simulator.md says what it can do.',
];

/** Nobody may ever take it for the real one. */
function refuseProduction(name: string): void {
  const names = [name, hubEnvironment()['MPESA_ENVIRONMENT'] ?? ''];
  if (names.some((each) => /prod/i.test(each)))
    throw new Error('This M-Pesa is simulated: it never runs where production is meant.');
}

/** Next to the port that was asked for, so that both can be known beforehand. */
function controlPortOf({ port: asked, controlPort }: Options): number {
  if (controlPort !== undefined) return controlPort;
  return asked === 0 || asked === portsMost ? 0 : asked + 1;
}

function clockOf({ virtualClock: start }: Options) {
  if (start === undefined) return { now: () => Date.now(), speed: 1 };
  return virtualClock(start === true ? Date.now() : start);
}

function moment(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('a moment such as 2026-11-23T13:55:01+03:00');
  return ms;
}

const share = within(0, 1);
const names: readonly string[] = [...requestFaults, ...callbackFaults];

/** Reads `callbackLost=0.05,reset=0.01`. */
function rates(text: string): FaultRates {
  const pairs = text.split(',').map((part) => {
    const [name = '', number = ''] = part.split('=');
    if (!names.includes(name)) throw new InvalidArgumentError(`one of ${names.join(', ')}`);
    return [name, share(number)] as const;
  });
  return Object.fromEntries(pairs);
}
