/** The environment, read once: either a configuration, or every problem at once. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { commandWords } from './core/command-words.ts';
import { objectionTo } from './core/public-address.ts';
import { fail, ok, type Result } from './core/result.ts';

const text = z.string().trim().min(1);
const optional = text.optional();
const url = z.url({ protocol: /^https?$/ });
const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `one of: ${names.join(', ')}`);

function number(least: number, most: number) {
  const words = `a number from ${least} to ${most}`;
  return z.coerce.number(words).refine((given) => given >= least && given <= most, words);
}

function wholeNumber(least: number, most: number) {
  const words = `a whole number from ${least} to ${most}`;
  return z.coerce
    .number(words)
    .refine((given) => Number.isInteger(given) && given >= least && given <= most, words);
}

/** Our own broker, or the address of one that was here before: mqtt://host:port, mqtts://host:port. */
const brokerAddress = z.union(
  [z.literal('embedded'), z.url({ protocol: /^mqtts?$/ })],
  'embedded, or an mqtt:// or mqtts:// address',
);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== undefined;
  } catch {
    return false;
  }
}

const perSecond = 'a number above 0, at most 100';
const port = wholeNumber(0, 65_535);

/** Where the hub listens when nobody says otherwise. */
export const usualPorts = {
  HTTP_PORT: 5000,
  CALLBACK_PORT: 5001,
  MQTT_PORT: 1883,
  MQTTS_PORT: 8883,
  NODE_RED_PORT: 1880,
} as const;

const environment = z.object({
  HUB_DATA_DIR: text.default('data'),
  HUB_OPERATOR_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  HUB_LATITUDE: number(-90, 90).default(-1.17),
  HUB_LONGITUDE: number(-180, 180).default(36.83),
  HUB_TIMEZONE: z.literal('Africa/Nairobi').default('Africa/Nairobi'),
  HUB_NAME: text.default('Jirani'),
  HUB_LISTEN: oneOf(['127.0.0.1', '0.0.0.0']).default('127.0.0.1'),
  HUB_TIME_SERVER: text.default('pool.ntp.org'),
  HUB_LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error']).default('info'),
  HUB_CLOCK: z
    .string()
    .regex(/^\d+:\d+:\d+(\.\d+)?$/, 'origin in monotonic ns : origin in ms : speed')
    .optional(),
  SCHEME: oneOf(['mini-grid', 'credit', 'certificate']).optional(),
  HTTP_PORT: port.default(usualPorts.HTTP_PORT),
  CALLBACK_PORT: port.default(usualPorts.CALLBACK_PORT),
  MQTT_PORT: port.default(usualPorts.MQTT_PORT),
  MQTT_PLAIN_LAN: oneOf(['on', 'off']).default('off'),
  MQTTS_PORT: port.default(usualPorts.MQTTS_PORT),
  MQTTS_CERTIFICATE_PATH: text.refine(existsSync, 'no such file').optional(),
  MQTTS_KEY_PATH: text.refine(existsSync, 'no such file').optional(),
  HOME_ASSISTANT: oneOf(['on', 'off']).default('off'),
  MQTT_BROKER: brokerAddress.default('embedded'),
  MQTT_BROKER_CA_PATH: text.refine(existsSync, 'no such file').optional(),
  READINGS_COMMIT_MS: wholeNumber(0, 10_000).default(500),
  READINGS_RAW_DAYS: wholeNumber(2, 10_000).default(400),
  SURPLUS_THRESHOLD_WH: wholeNumber(1, 1_000_000).optional(),
  MPESA_ENVIRONMENT: oneOf(['simulator', 'sandbox', 'production']).optional(),
  MPESA_BASE_URL: url.optional(),
  MPESA_ASYNC_RESULTS: oneOf(['hint', 'trusted']).default('hint'),
  MPESA_REQUESTS_PER_SECOND: z.coerce
    .number(perSecond)
    .refine((given) => given > 0 && given <= 100, perSecond)
    .optional(),
  MPESA_CONSUMER_KEY: optional,
  MPESA_CONSUMER_SECRET: optional,
  MPESA_BUSINESS_SHORTCODE: z
    .string()
    .regex(/^\d{5,7}$/, '5 to 7 digits')
    .optional(),
  MPESA_NOMINATED_NUMBER: z
    .string()
    .regex(/^254[17]\d{8}$/, 'a phone as 2547XXXXXXXX or 2541XXXXXXXX')
    .optional(),
  MPESA_PASSKEY: optional,
  MPESA_INITIATOR_NAME: optional,
  MPESA_INITIATOR_PASSWORD: optional,
  MPESA_CERTIFICATE_PATH: text.refine(existsSync, 'no such file').optional(),
  PAYMENT_CALLBACK_URL: url.optional(),
  TUNNEL: oneOf(['static', 'localtunnel', 'command', 'none']).default('static'),
  TUNNEL_COMMAND: optional,
  TUNNEL_URL_PATTERN: z.string().refine(isPattern, 'no regular expression').optional(),
  TUNNEL_WHEN_DOWN: oneOf(['query-only', 'wait']).default('query-only'),
  LOCALTUNNEL_HOST: url.default('https://localtunnel.me'),
  BACKUP_DIR: optional,
  BACKUP_PASSPHRASE_PATH: text.refine(existsSync, 'no such file').optional(),
  BACKUP_REMOTE: optional,
  SOLANA_CLUSTER: oneOf(['embedded', 'devnet', 'mainnet-beta']).default('embedded'),
  SOLANA_RPC_URLS: z
    .string()
    .transform((list) => list.split(',').map((item) => item.trim()))
    .pipe(z.array(url).min(1).max(5))
    .optional(),
  SOLANA_MINT: optional,
  SOLANA_PASSPHRASE_PATH: text.refine(existsSync, 'no such file').optional(),
  CREDENTIALS_DIRECTORY: optional,
  GEMINI_API_KEY: optional,
  GEMINI_BASE_URL: url.optional(),
  GEMINI_MODEL: optional,
  GEMINI_CALLS_PER_DAY: wholeNumber(0, 100_000).default(100),
  WEATHER_BASE_URL: url.optional(),
  WEATHER_API_KEY: optional,
  NODE_RED: oneOf(['on', 'off']).default('off'),
  NODE_RED_PORT: port.default(usualPorts.NODE_RED_PORT),
  NODE_RED_UNIT: oneOf(['on', 'off']).default('off'),
});

type Environment = z.infer<typeof environment>;

/** What Safaricom must have given before real money can move. */
const mpesaKeys = [
  'MPESA_CONSUMER_KEY',
  'MPESA_CONSUMER_SECRET',
  'MPESA_BUSINESS_SHORTCODE',
  'MPESA_PASSKEY',
  'MPESA_INITIATOR_NAME',
  'MPESA_INITIATOR_PASSWORD',
  'MPESA_CERTIFICATE_PATH',
] as const;

export type Config = Omit<Environment, 'MPESA_ENVIRONMENT' | 'HUB_CLOCK'> & {
  readonly MPESA_ENVIRONMENT: 'simulator' | 'sandbox' | 'production';
  readonly clock:
    | { originMachineNs: bigint; originNeighbourhoodMs: number; speed: number }
    | undefined;
};

/** Reads the hub's environment. On failure: one line per problem, each naming its variable. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): Result<Config, string[]> {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = environment.safeParse(filled);
  const wrong = read.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const chosen =
    filled['MPESA_ENVIRONMENT'] ?? (filled['MPESA_CONSUMER_KEY'] ? 'sandbox' : 'simulator');
  const problems = [
    ...(wrong ?? []),
    ...moneyProblems(filled, chosen),
    ...tunnelProblems(filled, chosen),
    ...chainProblems(filled),
    ...meterProblems(filled),
  ];
  if (!read.success || problems.length > 0) return fail(problems);
  const MPESA_ENVIRONMENT = chosen as Config['MPESA_ENVIRONMENT'];
  return ok({ ...read.data, MPESA_ENVIRONMENT, clock: readClock(read.data.HUB_CLOCK) });
}

const ourNames =
  /^(HUB|MPESA|PAYMENT|(LOCAL)?TUNNEL|SOLANA|GEMINI|WEATHER|MQTTS?|READINGS|NODE_RED|BACKUP)_/;

/** Names that look like the hub's but mean nothing to it: most likely misspelt. */
export const unknownNames = (env: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(env).filter((name) => ourNames.test(name) && !(name in environment.shape));

/** What the variables mean together; they may be wrong one by one, and all of it is told at once. */
type Given = { readonly [Name in keyof Environment]?: string | undefined };

function moneyProblems(env: Given, chosen: string): string[] {
  if (chosen !== 'sandbox' && chosen !== 'production') return [];
  const problems = mpesaKeys
    .filter((name) => env[name] === undefined)
    .map((name) => `${name}: needed for MPESA_ENVIRONMENT=${chosen}`);
  if (env.HUB_CLOCK !== undefined)
    problems.push('HUB_CLOCK: only the simulator follows a scaled clock');
  if (chosen !== 'production') return problems;
  if (env.SCHEME === undefined) problems.push('SCHEME: must be chosen before production');
  if (env.MPESA_BASE_URL !== undefined) problems.push('MPESA_BASE_URL: refused in production');
  return problems;
}

/** A real M-Pesa must be told where to call back, whatever keeps the way open. */
function tunnelProblems(env: Given, chosen: string): string[] {
  const { TUNNEL = 'static', TUNNEL_COMMAND, PAYMENT_CALLBACK_URL: address } = env;
  const problems: string[] = [];
  if (address === undefined) {
    if (chosen !== 'simulator' && (TUNNEL === 'static' || TUNNEL === 'none'))
      problems.push(
        `PAYMENT_CALLBACK_URL: needed for MPESA_ENVIRONMENT=${chosen} with TUNNEL=${TUNNEL}`,
      );
  } else if (/^https?:/.test(address)) {
    const objection = objectionTo(address, chosen === 'production');
    if (objection !== undefined) problems.push(`PAYMENT_CALLBACK_URL: ${objection}`);
  }
  if (TUNNEL !== 'command') return problems;
  if (TUNNEL_COMMAND === undefined) problems.push('TUNNEL_COMMAND: needed for TUNNEL=command');
  const words = commandWords(TUNNEL_COMMAND ?? 'none');
  return words.ok ? problems : [...problems, `TUNNEL_COMMAND: ${words.error}`];
}

const meterProblems = ({ MQTTS_CERTIFICATE_PATH, MQTTS_KEY_PATH }: Given): string[] =>
  (MQTTS_CERTIFICATE_PATH === undefined) === (MQTTS_KEY_PATH === undefined)
    ? []
    : ['MQTTS_CERTIFICATE_PATH and MQTTS_KEY_PATH: needed both, or none'];

const publicClusters: readonly (string | undefined)[] = ['devnet', 'mainnet-beta'];

const chainProblems = ({ SOLANA_CLUSTER, SOLANA_RPC_URLS }: Given): string[] =>
  publicClusters.includes(SOLANA_CLUSTER) && SOLANA_RPC_URLS === undefined
    ? [`SOLANA_RPC_URLS: needed for SOLANA_CLUSTER=${SOLANA_CLUSTER}`]
    : [];

function readClock(line: string | undefined): Config['clock'] {
  if (line === undefined) return undefined;
  const [machine, neighbourhood, speed] = line.split(':');
  return {
    originMachineNs: BigInt(machine ?? 0),
    originNeighbourhoodMs: Number(neighbourhood),
    speed: Number(speed),
  };
}
