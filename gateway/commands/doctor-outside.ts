/** What the doctor hears from outside: each integration is called for real, through the hub where it runs. */

import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { generate } from 'mqtt-packet';
import { realClock } from '../adapters/clock/real-clock.ts';
import { tryKeys } from '../adapters/daraja/try-keys.ts';
import { askForOneToken } from '../adapters/gemini/one-token.ts';
import { openWeather } from '../adapters/weather/weather.ts';
import type { Config } from '../config.ts';
import { doubtful, type Finding, judgeScheme, well, wrong } from '../core/doctor.ts';
import { mpesaHosts } from '../open-money.ts';
import type { HubStatus } from '../ports/desk.ts';
import type { Checkup, OutsideCall } from '../ports/doctor-desk.ts';
import type { RoundTrip } from '../ports/tunnel.ts';
import { order } from './hub-api.ts';

const startIt = 'systemctl start jirani, or scripts/hub start';

export const schemeFinding = (config: Config): Finding =>
  judgeScheme({ environment: config.MPESA_ENVIRONMENT, scheme: config.SCHEME });

const todos: Readonly<Record<string, string>> = {
  'M-Pesa': 'Look at the keys and the shortcode (MPESA_…), and whether the internet is there.',
  chain: 'Look at SOLANA_RPC_URLS, and whether the internet is there; tokens wait meanwhile.',
};

export const callFindings = ({ calls }: Checkup): Finding[] =>
  calls.map(({ name, state, detail, tookMs }: OutsideCall) => {
    const evidence = `${detail} (${tookMs} ms)`;
    const todo = todos[name] ?? '';
    if (state === 'ok') return well(name, evidence);
    return state === 'failed' ? wrong(name, evidence, todo) : doubtful(name, evidence, todo);
  });

/** Without a hub: a sign-in with the keys of the configuration. */
export async function mpesaFinding(config: Config): Promise<Finding> {
  const environment = config.MPESA_ENVIRONMENT;
  const baseUrl = config.MPESA_BASE_URL ?? mpesaHosts[environment];
  if (baseUrl === undefined) return well('M-Pesa', 'simulated: no real money moves');
  const tried = await tryKeys({
    baseUrl,
    consumerKey: config.MPESA_CONSUMER_KEY ?? '',
    consumerSecret: config.MPESA_CONSUMER_SECRET ?? '',
  });
  return tried.kind === 'taken'
    ? well('M-Pesa', `${environment}: signed in`)
    : wrong('M-Pesa', `${environment}: ${tried.why}`, todos['M-Pesa'] ?? '');
}

export async function advisorFinding(config: Config): Promise<Finding> {
  const { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: baseUrl, GEMINI_MODEL: model } = config;
  if (apiKey === undefined) return well('advisor', 'fallback: the rule alone, no model is asked');
  const began = performance.now();
  const why = await askForOneToken({ apiKey, baseUrl, model });
  const took = `${Math.round(performance.now() - began)} ms`;
  return why === ''
    ? well('advisor', `one token came back (${took})`)
    : doubtful(
        'advisor',
        `${why} (${took}); the rule advises alone`,
        'Look at GEMINI_API_KEY and GEMINI_MODEL.',
      );
}

export async function weatherFinding(
  config: Config,
  status: HubStatus | undefined,
): Promise<Finding> {
  const known = status?.integrations['weather'];
  if (known !== undefined && known.mode !== 'off')
    return known.state === 'ok' || known.state === 'unknown'
      ? well('weather', known.detail === '' ? 'fresh' : known.detail)
      : doubtful(
          'weather',
          known.detail,
          'The past speaks alone meanwhile. Look at WEATHER_BASE_URL.',
        );
  const { WEATHER_BASE_URL: baseUrl, HUB_LATITUDE: latitude, HUB_LONGITUDE: longitude } = config;
  if (baseUrl === undefined) return well('weather', 'none is asked: the past speaks alone');
  const clock = realClock();
  const apiKey = config.WEATHER_API_KEY;
  const weather = openWeather({ baseUrl, latitude, longitude, apiKey, clock });
  const forecast = await weather.forecast();
  return forecast.ok
    ? well('weather', `a forecast of ${forecast.value.length} hours came just now`)
    : doubtful('weather', weather.health().detail, 'Look at WEATHER_BASE_URL and at the internet.');
}

const brokerPatienceMs = 5_000;
/** CONNACK, fixed header (MQTT 3.1.1, 3.2.1). */
const connack = 0x20;

/** A stranger knocks and must be turned away: so the broker listens, thinks and answers. */
export async function brokerFinding(status: HubStatus, { mqttPort }: Checkup): Promise<Finding> {
  if (mqttPort === null) {
    const { mode, state, detail } = status.integrations['broker'] ?? {
      mode: '',
      state: '',
      detail: '',
    };
    return state === 'ok'
      ? well('broker', `${mode}: ${detail}`)
      : wrong('broker', `${mode}: ${detail}`, 'Look at MQTT_BROKER and at that broker’s log.');
  }
  const began = performance.now();
  const answer = await knock(mqttPort);
  const took = `${Math.round(performance.now() - began)} ms`;
  const meters = status.integrations['broker']?.detail ?? '';
  return answer === connack
    ? well('broker', `answers a stranger with a no in ${took}; ${meters}`)
    : wrong('broker', `port ${mqttPort} does not answer`, `Look at MQTT_PORT, then: ${startIt}`);
}

const knock = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (answer: number | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(brokerPatienceMs, () => end(undefined));
    socket.once('error', () => end(undefined));
    socket.once('close', () => end(undefined));
    socket.once('data', (bytes) => end(bytes[0]));
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: 'doctor',
        keepalive: 5,
      }),
    );
  });

const tripMs = 60_000;

/** From the public address to the callback listener, with a browser's name too. */
export async function callbackFinding(): Promise<Finding> {
  const subject = 'way of callbacks';
  const { mode, result, steps } = await order<RoundTrip>('/api/tunnel/test', {}, tripMs);
  const bad = steps.filter((step) => !['ok', 'left-out'].includes(step.result));
  if (result === 'ok' && bad.length === 0)
    return well(
      subject,
      `${mode}: ${steps.filter((step) => step.result === 'ok').length} steps, all well`,
    );
  const evidence = `${mode}: ${bad.map(({ step, detail }) => `${step}: ${detail}`).join('; ')}`;
  const todo =
    'scripts/hub tunnel test shows every step. M-Pesa is asked meanwhile, so no payment is lost.';
  return result === 'failed' ? wrong(subject, evidence, todo) : doubtful(subject, evidence, todo);
}

const timesyncPath = '/run/systemd/timesync/synchronized';
const timeTodo =
  'systemctl enable --now systemd-timesyncd; or say it: scripts/hub clock confirm TIME';

export function clockFinding(config: Config, status: HubStatus | undefined): Finding {
  const trust = status?.time.trust;
  if (trust === 'trusted') return well('clock', `trusted: ${status?.time.neighbourhood}`);
  if (trust !== undefined) {
    const evidence = `${trust}: M-Pesa waits`;
    return trust === 'untrusted'
      ? wrong('clock', evidence, timeTodo)
      : doubtful('clock', evidence, timeTodo);
  }
  const isPlay = config.MPESA_ENVIRONMENT === 'simulator' && config.SOLANA_CLUSTER === 'embedded';
  if (isPlay) return well('clock', 'everything here is simulated, and the time is believed');
  return existsSync(timesyncPath)
    ? well('clock', 'synchronised')
    : doubtful('clock', 'nobody has set this machine’s time since its start', timeTodo);
}
