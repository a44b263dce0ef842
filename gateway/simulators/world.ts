/** The world around a demo's hub in one process: its meters, its sky, its language model and its M-Pesa. */
import type { NeighbourhoodClock } from '../ports/clock.ts';
import { serveControl } from './control-server.ts';
import { type ControlRoute, controlRoutes } from './daraja/control.ts';
import type { MpesaSimulatorOptions } from './daraja/options.ts';
import { type MpesaSimulator, startMpesaSimulator } from './daraja/simulator.ts';
import { type GeminiSimulator, startGeminiSimulator } from './gemini/server.ts';
import type { InterruptibleServer } from './interruptible-server.ts';
import { type Meters, type MetersOptions, startMeters } from './neighbourhood/meters.ts';
import type { Neighbourhood } from './neighbourhood/model.ts';
import { startVmeters } from './vmeter/meters.ts';
import { startWeatherSimulator, type WeatherSimulator } from './weather/server.ts';

export type WorldOptions = {
  readonly neighbourhood: Neighbourhood;
  readonly clock: NeighbourhoodClock;
  readonly mpesa: Omit<MpesaSimulatorOptions, 'clock'>;
  /** Each port: 0 or absent takes any free one of 127.0.0.1. */
  readonly controlPort?: number;
  readonly weatherPort?: number;
  readonly geminiPort?: number;
  /** The only key that the simulated Gemini lets in; default: any. */
  readonly geminiKey?: string;
};

export interface World extends AsyncDisposable {
  /** Base URLs without a slash at the end. */
  readonly controlUrl: string;
  readonly weather: WeatherSimulator;
  readonly gemini: GeminiSimulator;
  readonly mpesa: MpesaSimulator;
  /**
   * Once, when the hub has given out passwords. The meters dial until the hub answers. With the path of
   * firmware/vmeter they are its virtual meters.
   */
  startMeters(options: Omit<MetersOptions, 'neighbourhood' | 'clock'>, vmeter?: string): Meters;
}

/** Rejects when a port is taken; what was already open is closed again. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { neighbourhood, clock } = options;
  await using opening = new AsyncDisposableStack();
  const mpesa = opening.use(await startMpesaSimulator({ ...options.mpesa, clock }));
  const weather = opening.adopt(
    await startWeatherSimulator({ neighbourhood, clock, port: options.weatherPort ?? 0 }),
    (server) => server.stop(),
  );
  const { geminiKey: apiKey } = options;
  const gemini = opening.adopt(
    await startGeminiSimulator({
      port: options.geminiPort ?? 0,
      ...(apiKey === undefined ? {} : { apiKey }),
    }),
    (server) => server.stop(),
  );
  let meters: Meters | undefined;
  opening.defer(() => meters?.stop());
  const control = opening.adopt(
    await serveControl(
      [
        countOf(() => meters),
        finishOf(() => meters),
        ...outage('weather', weather),
        ...outage('gemini', gemini),
        ...controlRoutes(mpesa),
      ],
      options.controlPort ?? 0,
    ),
    (server) => server.stop(),
  );

  const open = opening.move();
  return {
    controlUrl: control.url,
    weather,
    gemini,
    mpesa,
    startMeters(metersOptions, vmeter) {
      if (meters !== undefined) throw new Error('the meters run already');
      const around = { ...metersOptions, neighbourhood, clock };
      meters =
        vmeter === undefined ? startMeters(around) : startVmeters({ ...around, program: vmeter });
      return meters;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const countOf = (meters: () => Meters | undefined): ControlRoute => ({
  method: 'GET',
  path: '/meters',
  answer: async () => ({
    status: 200,
    body: {
      acknowledged: meters()?.acknowledged() ?? 0,
      pending: meters()?.pending() ?? 0,
      dropped: meters()?.dropped() ?? 0,
    },
  }),
});

/** Ends the meters' day and tells what they had acknowledged. */
const finishOf = (meters: () => Meters | undefined): ControlRoute => ({
  method: 'POST',
  path: '/meters/finish',
  answer: async () => {
    await meters()?.finish();
    return { status: 200, body: { acknowledged: meters()?.acknowledged() ?? 0 } };
  },
});

const outage = (name: string, server: InterruptibleServer): ControlRoute[] =>
  (['stop', 'resume'] as const).map((deed) => ({
    method: 'POST',
    path: `/${name}/${deed}`,
    answer: async () => {
      await server[deed]();
      return { status: 200, body: { ok: true } };
    },
  }));
