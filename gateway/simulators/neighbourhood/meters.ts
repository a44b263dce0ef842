/** The neighbourhood's virtual meters: real MQTT over real TCP, one connection each. */
import type { NeighbourhoodClock } from '../../ports/clock.ts';
import { chance } from './chance.ts';
import { type MeterLink, openMeterLink } from './meter-link.ts';
import type { Neighbourhood } from './model.ts';
import { metersOf, type PlacedMeter, readingPayload } from './reading-payload.ts';

export type MetersOptions = {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  readonly neighbourhood: Neighbourhood;
  readonly passwords: Readonly<Record<string, string>>;
  readonly clock: NeighbourhoodClock;
  /** The sequence number of each meter's first reading; 1 for a meter that is not named. */
  readonly firstSequence?: Readonly<Record<string, number>>;
  /** Changes at each start of the meters. */
  readonly boot: number;
  /** Readings that each meter keeps while the hub is away; at least 2,000. */
  readonly backlogMax?: number;
  /** Machine ms without a PUBACK after which a meter dials anew. */
  readonly acknowledgeMs?: number;
};

export interface Meters {
  /** PUBACKs received for readings. */
  acknowledged(): number;
  acknowledgedBy(meter: string): number;
  /** Readings that wait for a PUBACK. */
  pending(): number;
  dropped(): number;
  /** Takes no more readings, and stops when what was taken is acknowledged, at the latest after 5 s. */
  finish(): Promise<void>;
  stop(): Promise<void>;
}

const backlogMin = 2_000;
const readingEveryMs = 10_000;
const readingFloorMs = 200;
const jitter = 0.2;
const finishMs = 5_000;
const acknowledgeDefaultMs = 30_000;

/** Each meter reads every 10 s of neighbourhood time, but at most every 200 ms of machine time. */
export function startMeters(options: MetersOptions): Meters {
  const links = new Map<string, MeterLink>();
  const meters: ReturnType<typeof startMeter>[] = [];
  for (const [index, meter] of metersOf(options.neighbourhood).entries()) {
    const started = startMeter(options, meter, index);
    links.set(meter.id, started.link);
    meters.push(started);
  }
  const stop = async (): Promise<void> => {
    await Promise.all(meters.map((meter) => meter.stop()));
  };
  const sum = (count: (link: MeterLink) => number): number =>
    [...links.values()].reduce((all, link) => all + count(link), 0);
  return {
    acknowledged: () => sum((link) => link.acknowledged()),
    acknowledgedBy: (meter) => links.get(meter)?.acknowledged() ?? 0,
    pending: () => sum((link) => link.pending()),
    dropped: () => sum((link) => link.dropped()),
    finish: async () => {
      for (const meter of meters) meter.rest();
      const impatientAt = performance.now() + finishMs;
      while (sum((link) => link.pending()) > 0 && performance.now() < impatientAt)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await stop();
    },
    stop,
  };
}

function startMeter(options: MetersOptions, meter: PlacedMeter, index: number) {
  const { neighbourhood, clock, boot } = options;
  const password = options.passwords[meter.id];
  if (password === undefined) throw new RangeError(`meter ${meter.id} has no password`);
  const link = openMeterLink({
    url: options.url,
    meter: meter.id,
    password,
    backlogMax: Math.max(backlogMin, options.backlogMax ?? backlogMin),
    acknowledgeMs: options.acknowledgeMs ?? acknowledgeDefaultMs,
  });
  const startedMs = clock.now();
  const everyMs = Math.max(readingEveryMs / clock.speed, readingFloorMs);
  let sequence = options.firstSequence?.[meter.id] ?? 1;
  const read = (): void => {
    // Whole seconds, because a reading's time has no more: so its registers and its time belong together.
    const atMs = Math.floor(clock.now() / 1000) * 1000;
    const moment = { sequence, boot, atMs, upMs: Math.max(0, atMs - startedMs) };
    link.tell(readingPayload(neighbourhood, meter, moment));
    sequence += 1;
    timer = setTimeout(read, everyMs * (1 + jitter * chance(index, sequence)));
  };
  let timer = setTimeout(read, everyMs * chance(index, 0));
  return {
    link,
    rest: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer);
      return link.stop();
    },
  };
}
