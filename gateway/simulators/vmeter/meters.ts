/** The neighbourhood's meters on the firmware's own core: vmeter measures the power that the model tells it. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NeighbourhoodClock } from '../../ports/clock.ts';
import type { Meters, MetersOptions } from '../neighbourhood/meters.ts';
import type { Neighbourhood, SimulatedRegisters } from '../neighbourhood/model.ts';
import { metersOf, type PlacedMeter } from '../neighbourhood/reading-payload.ts';
import { credentialLines, runVmeter, type Vmeters } from './program.ts';

export type VmetersOptions = Omit<MetersOptions, 'backlogMax' | 'acknowledgeMs'> & {
  /** Of firmware/vmeter, built. */
  readonly program: string;
};

const readingEveryMs = 10_000;
const readingFloorMs = 200;
const minuteMs = 60_000;
/** How far ahead of the clock vmeter knows the power: neighbourhood ms, and machine ms of a fast clock. */
const aheadMs = 10 * minuteMs;
const aheadMachineMs = 3_000;
const feedEveryMs = 250;
const finishSeconds = 5;
/** Flash of 64 sectors keeps two thousand readings, as a meter of the simulator does. */
const sectors = 64;
const msPerHour = 3_600_000;

/** `acknowledgedBy` is known when the meters have finished. */
export function startVmeters(options: VmetersOptions): Meters {
  const { clock, neighbourhood, boot, program } = options;
  // At the beginning of a minute the model's registers are exact.
  const startMs = Math.floor(clock.now() / minuteMs) * minuteMs;
  const folder = mkdtempSync(join(tmpdir(), 'jirani-vmeters-'));
  const metersFile = join(folder, 'meters');
  writeFileSync(metersFile, credentialsAt(options, startMs), { mode: 0o600 });
  const vmeters = runVmeter(program, {
    ...{ port: new URL(options.url).port, host: new URL(options.url).hostname, meters: metersFile },
    ...{ profile: '-', clock: clockText(clock, startMs), boot, sectors, patience: finishSeconds },
    'every-ms': Math.max(Math.round(readingEveryMs / clock.speed), readingFloorMs),
    ...{ 'progress-ms': 100, 'back-off-max-ms': 2_000, keepalive: 30 },
  });
  vmeters.summary.catch((problem: Error) => console.error(problem.message));
  const feed = feeder(neighbourhood, clock, startMs, vmeters);
  feed();
  const timer = setInterval(feed, feedEveryMs);
  const end = async (): Promise<void> => {
    clearInterval(timer);
    await vmeters[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  const acknowledged = new Map<string, number>();
  const count = { finished: undefined as number | undefined };
  return {
    acknowledged: () => count.finished ?? vmeters.progress().delivered,
    acknowledgedBy: (meter) => acknowledged.get(meter) ?? 0,
    pending: () => vmeters.progress().waiting,
    dropped: () => vmeters.progress().overwritten,
    async finish() {
      clearInterval(timer);
      const { delivered, each } = await vmeters.finish();
      count.finished = delivered;
      for (const { id, delivered } of each) acknowledged.set(id, delivered);
      await end();
    },
    stop: end,
  };
}

/** The moment of the machine at which the neighbourhood's clock shows `unixMs`, and its pace. */
function clockText(clock: NeighbourhoodClock, unixMs: number): string {
  const sinceNs = Math.round(((clock.now() - unixMs) / clock.speed) * 1e6);
  return `${process.hrtime.bigint() - BigInt(sinceNs)}:${unixMs}:${clock.speed}`;
}

/** The signing key follows from the password, so that a meter of a demo that goes on is still itself. */
const seedOf = (password: string): Buffer =>
  createHmac('sha256', password).update('the signing key of a virtual meter').digest();

function credentialsAt(options: VmetersOptions, startMs: number): string {
  const { neighbourhood, passwords, firstSequence } = options;
  return credentialLines(
    metersOf(neighbourhood).map((meter) => {
      const secret = passwords[meter.id];
      if (secret === undefined) throw new RangeError(`meter ${meter.id} has no password`);
      const from = {
        ...registersOf(meter, neighbourhood.registersAt(meter.household, startMs)),
        lastSequence: (firstSequence?.[meter.id] ?? 1) - 1,
      };
      return { id: meter.id, secret, seed: seedOf(secret), from };
    }),
  );
}

/** A meter at the grid counts import and export; one at the panels counts generation and nothing else. */
const registersOf = ({ place }: PlacedMeter, shown: SimulatedRegisters) =>
  place === 'grid'
    ? { importMwh: shown.importMwh, exportMwh: shown.exportMwh, generationMwh: 0 }
    : { importMwh: 0, exportMwh: 0, generationMwh: shown.generationMwh };

/** Tells the power of each minute some time before it comes. */
function feeder(
  neighbourhood: Neighbourhood,
  clock: NeighbourhoodClock,
  startMs: number,
  vmeters: Vmeters,
): () => void {
  const meters = metersOf(neighbourhood);
  let toldUntilMs = startMs;
  return () => {
    const horizonMs = clock.now() + Math.max(aheadMs, clock.speed * aheadMachineMs);
    while (toldUntilMs < horizonMs) {
      const endMs = (Math.floor(toldUntilMs / minuteMs) + 1) * minuteMs;
      const lines = meters.map((meter) => powerLine(neighbourhood, meter, toldUntilMs, endMs));
      vmeters.learn(lines.join(''));
      toldUntilMs = endMs;
    }
  };
}

/** What takes the registers from where they are to where they will be. */
function powerLine(
  neighbourhood: Neighbourhood,
  meter: PlacedMeter,
  fromMs: number,
  endMs: number,
): string {
  const [from, end] = [fromMs, endMs].map((atMs) =>
    neighbourhood.registersAt(meter.household, atMs),
  ) as [SimulatedRegisters, SimulatedRegisters];
  const [before, after] = [registersOf(meter, from), registersOf(meter, end)];
  const power = (name: keyof typeof before): number =>
    Math.floor(((after[name] - before[name]) * msPerHour) / (endMs - fromMs));
  const flows = [power('importMwh'), power('exportMwh'), power('generationMwh')];
  return `${[fromMs, meter.id, ...flows, from.voltageMv].join(',')}\n`;
}
