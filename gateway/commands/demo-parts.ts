/** The hidden commands by which a demo starts its parts: preparing the neighbourhood, and the world around the hub. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { epochMs } from '../core/units.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import { simulatedClock } from '../simulators/clock/scaled-clock.ts';
import { makeNeighbourhood } from '../simulators/neighbourhood/model.ts';
import { startWorld, type World } from '../simulators/world.ts';
import { sayReady, toldToEnd } from './child.ts';
import { bootAt, readPlan, sequenceAt } from './demo-plan.ts';
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

/** Adds `demo-prepare`. */
export function demoPrepareCommand(program: Command): void {
  program
    .command('demo-prepare', { hidden: true })
    .requiredOption('--data-dir <dir>')
    .requiredOption('--seed <n>', '', Number)
    .requiredOption('--households <n>', '', Number)
    .requiredOption('--origin-ms <n>', '', Number)
    .action(async ({ dataDir, ...plan }: Prepare) => {
      const { prepareDemo } = await import('./demo-prepare.ts');
      await prepareDemo(dataDir, plan);
      sayReady({ prepared: true });
      process.disconnect?.();
    });
}

/** Adds `demo-world`. */
export function demoWorldCommand(program: Command): void {
  program
    .command('demo-world', { hidden: true })
    .requiredOption('--data-dir <dir>')
    .requiredOption('--seed <n>', '', Number)
    .requiredOption('--households <n>', '', Number)
    .requiredOption('--origin-ms <n>', '', Number)
    .requiredOption('--mpesa-seed <n>', '', Number)
    .option('--vmeter <path>')
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

async function runWorld(options: Prepare & { mpesaSeed: number; vmeter?: string }): Promise<void> {
  const { dataDir, seed, households, originMs, mpesaSeed, vmeter } = options;
  const neighbourhood = makeNeighbourhood({ seed, households, originMs });
  const { clock, begin } = clockThatBegins(originMs);
  const publicKeyFile = join(dataDir, 'mpesa-simulator.pem');
  const mpesa = { ...simulatedMpesa, port: 0, seed: mpesaSeed, publicKeyFile };
  await using world = await startWorld({
    neighbourhood,
    clock,
    mpesa,
    geminiKey: 'simulated-gemini-key',
  });
  let firstReading: NodeJS.Timeout | undefined;
  process.on('message', (message) => {
    const told = message as Begin;
    begin(told);
    // Readings from before the origin would stand before the last ones of an earlier run in this folder.
    const waitMs = Number(BigInt(told.originMachineNs) - process.hrtime.bigint()) / 1e6;
    firstReading = setTimeout(startMeters, Math.max(0, waitMs), world, dataDir, told, vmeter);
  });
  const { mpesa: money, weather, gemini, controlUrl } = world;
  const urls = { mpesaUrl: money.url, weatherUrl: weather.url, geminiUrl: gemini.url };
  sayReady({ ...urls, controlUrl, publicKeyFile } satisfies WorldReady);
  await toldToEnd();
  clearTimeout(firstReading);
}

function startMeters(world: World, dataDir: string, told: Begin, vmeter: string | undefined): void {
  const plan = readPlan(dataDir);
  if (plan === undefined) throw new Error('the neighbourhood is not prepared');
  const { passwords } = plan;
  const next = sequenceAt(plan, told.originNeighbourhoodMs);
  const meters = {
    url: told.mqttUrl,
    passwords,
    firstSequence: Object.fromEntries(Object.keys(passwords).map((meter) => [meter, next])),
    boot: bootAt(plan, told.originNeighbourhoodMs),
  };
  world.startMeters(meters, vmeter);
}
