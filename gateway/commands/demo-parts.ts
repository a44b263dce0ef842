/** The hidden commands by which a demo starts its parts: preparing the neighbourhood, and the world around the hub. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { epochMs } from '../core/units.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import { simulatedClock } from '../simulators/clock/scaled-clock.ts';
import { makeNeighbourhood } from '../simulators/neighbourhood/model.ts';
import { startWorld } from '../simulators/world.ts';
import { sayReady, toldToEnd } from './child.ts';
import { bootAt, readPlan, sequenceAt } from './demo-plan.ts';
import { prepareDemo } from './demo-prepare.ts';
import { simulatedMpesa } from './simulated-mpesa.ts';

type Prepare = { dataDir: string; seed: number; households: number; originMs: number };
/** What the world is told when the hub is about to run. */
export type Begin = {
  readonly originMachineNs: string;
  readonly originNeighbourhoodMs: number;
  readonly speed: number;
  readonly mqttUrl: string;
};
export type WorldReady = {
  readonly mpesaUrl: string;
  readonly weatherUrl: string;
  readonly geminiUrl: string;
  readonly controlUrl: string;
  readonly publicKeyFile: string;
};

/** Adds `demo-prepare` and `demo-world`. */
export function demoPartsCommand(program: Command): void {
  program
    .command('demo-prepare', { hidden: true })
    .requiredOption('--data-dir <dir>')
    .requiredOption('--seed <n>', '', Number)
    .requiredOption('--households <n>', '', Number)
    .requiredOption('--origin-ms <n>', '', Number)
    .action(async ({ dataDir, ...plan }: Prepare) => {
      await prepareDemo(dataDir, plan);
      sayReady({ prepared: true });
      process.disconnect?.();
    });
  program
    .command('demo-world', { hidden: true })
    .requiredOption('--data-dir <dir>')
    .requiredOption('--seed <n>', '', Number)
    .requiredOption('--households <n>', '', Number)
    .requiredOption('--origin-ms <n>', '', Number)
    .action(runWorld);
}

/** Stands still at the neighbourhood's origin until the demo begins; then runs as fast as the hub's clock. */
function clockThatBegins(originMs: number): {
  clock: NeighbourhoodClock;
  begin(told: Begin): void;
} {
  let running: NeighbourhoodClock | undefined;
  return {
    clock: {
      now: () => running?.now() ?? epochMs(originMs),
      get speed() {
        return running?.speed ?? 1;
      },
      trust: () => 'trusted',
    },
    begin: ({ originMachineNs, originNeighbourhoodMs, speed }) => {
      running = simulatedClock({
        originMachineNs: BigInt(originMachineNs),
        originNeighbourhoodMs,
        speed,
      });
    },
  };
}

async function runWorld({ dataDir, seed, households, originMs }: Prepare): Promise<void> {
  const neighbourhood = makeNeighbourhood({ seed, households, originMs });
  const { clock, begin } = clockThatBegins(originMs);
  const publicKeyFile = join(dataDir, 'mpesa-simulator.pem');
  const mpesa = { ...simulatedMpesa, port: 0, seed, publicKeyFile };
  await using world = await startWorld({
    neighbourhood,
    clock,
    mpesa,
    geminiKey: 'simulated-gemini-key',
  });
  process.on('message', (message) => {
    const told = message as Begin;
    const plan = readPlan(dataDir);
    if (plan === undefined) throw new Error('the neighbourhood is not prepared');
    begin(told);
    const next = sequenceAt(plan, told.originNeighbourhoodMs);
    world.startMeters({
      url: told.mqttUrl,
      passwords: plan.passwords,
      firstSequence: Object.fromEntries(Object.keys(plan.passwords).map((meter) => [meter, next])),
      boot: bootAt(plan, told.originNeighbourhoodMs),
    });
  });
  const { mpesa: money, weather, gemini, controlUrl } = world;
  const urls = { mpesaUrl: money.url, weatherUrl: weather.url, geminiUrl: gemini.url };
  sayReady({ ...urls, controlUrl, publicKeyFile } satisfies WorldReady);
  await toldToEnd();
}
