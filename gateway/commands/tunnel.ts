/** `tunnel test`: whether M-Pesa's callbacks reach this hub, step by step; with the running hub or without one. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { openCallbackListener } from '../adapters/web/callback-listener.ts';
import type { Config } from '../config.ts';
import { usualTunnelTimes } from '../core/tunnel.ts';
import { openTunnel } from '../open-tunnel.ts';
import type { Log } from '../ports/log.ts';
import type { RoundTrip, RoundTripStep } from '../ports/tunnel.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { type Json, order, print } from './hub-api.ts';

/** Of what is outside and does not answer, as sysexits has it. */
const awayExit = 69;
const exits: Readonly<Record<RoundTrip['result'], number>> = { ok: 0, failed: 1, away: awayExit };
/** All steps, each at its slowest. */
const patienceMs = 60_000;
const lookEveryMs = 100;
/** For the name to be given, and for it to be known everywhere. */
const openMostMs = 2 * usualTunnelTimes.openTimeoutMs;

/** Adds `tunnel test [--json]`. */
export function tunnelCommand(program: Command): void {
  program
    .command('tunnel')
    .description('how M-Pesa reaches the hub')
    .command('test')
    .description('send a probe and a made-up callback through the public address')
    .option('--json')
    .action(async ({ json }: Json) => {
      const config = configFrom(hubEnvironment());
      const isRunning = await runs(config);
      const trip = isRunning
        ? await order<RoundTrip>('/api/tunnel/test', {}, patienceMs)
        : await testAlone(config);
      print(trip, json, (walked) => inWords(walked, isRunning));
      process.exitCode = exits[trip.result];
    });
}

const runs = ({ HTTP_PORT }: Config): Promise<boolean> =>
  fetch(`http://127.0.0.1:${HTTP_PORT}/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Opens the callback listener and the tunnel for as long as the test takes. */
async function testAlone(config: Config): Promise<RoundTrip> {
  await using opening = new AsyncDisposableStack();
  const tunnel = opening.use(openTunnel({ config, log: toTerminal, hubKey: randomBytes(32) }));
  const listener = opening.use(
    await openCallbackListener({
      ...{ port: config.CALLBACK_PORT, log: toTerminal, probe: tunnel.answer },
      desk: { useOf: () => 'none', keep: () => 'unknown' },
    }),
  );
  tunnel.start(listener.port);
  const began = performance.now();
  const isOpening = () => tunnel.health().state !== 'up' && tunnel.health().generation === 0;
  // What is static is there or it is not; the rest takes its time.
  const mostMs = config.TUNNEL === 'static' ? usualTunnelTimes.probeTimeoutMs : openMostMs;
  while (isOpening() && performance.now() - began < mostMs) await sleep(lookEveryMs);
  return await tunnel.desk(() => listener.counts().unknown).test();
}

const say = (message: string, facts: Readonly<Record<string, unknown>> = {}): void => {
  const more = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`);
  console.error([message, ...more].join(', '));
};
const toTerminal: Log = { info: () => {}, warn: say, error: say };

const marks: Readonly<Record<RoundTripStep['result'], string>> = {
  ok: 'ok      ',
  warning: 'WARNING ',
  failed: 'FAILED  ',
  away: 'AWAY    ',
  'left-out': '-       ',
};

const endings: Readonly<Record<RoundTrip['result'], string>> = {
  ok: 'Callbacks reach the hub.',
  failed: 'Callbacks do not reach the hub as they should.',
  away: 'The way to the hub is not open now. Payments are found out by asking M-Pesa meanwhile.',
};

const inWords = ({ mode, result, steps }: RoundTrip, isRunning: boolean): string[] => [
  `TUNNEL=${mode}, ${isRunning ? 'asked of the running hub' : 'opened for this test: no hub runs here'}`,
  ...steps.map(
    ({ step, result: mark, detail, tookMs }) =>
      `${marks[mark]} ${step}${mark === 'left-out' ? '' : ` (${tookMs} ms)`}: ${detail}`,
  ),
  endings[result],
];
