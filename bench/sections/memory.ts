/** What the process holds: at the pace of a large neighbourhood, and whether it grows over two million readings. */
import { join } from 'node:path';
import { type Child, memoryMbOf, startNode } from '../children.ts';
import { type LoadOptions, publishReadings } from '../load.ts';
import { atMost, type Section, type SectionResult } from '../results.ts';
import { median } from '../spread.ts';

const hubModule = new URL('../hub-target.ts', import.meta.url);
const sampleEveryMs = 50;
const meters = 500;
const longReadings = 2_000_000;
/** A pace at which the hub seals as it goes; faster than that it puts sealing off. */
const longRate = 10_000;

/** Samples of what the process holds while meters publish, in 10^6 bytes. */
async function sampled(hub: Child, load: Omit<LoadOptions, 'port'>) {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(memoryMbOf([hub.pid]).now), sampleEveryMs);
  try {
    const { acked, drained } = await publishReadings({ ...load, port: Number(hub.ready['port']) });
    if (!drained) throw new Error('not every reading was acknowledged');
    return { samples, acked };
  } finally {
    clearInterval(timer);
  }
}

export const memory: Section = async ({ quick, folder, say }) => {
  // Long enough for the hub to seal what has come in, which takes more memory than taking it.
  const seconds = quick ? 2 : 300;
  const calm = await calmHub(join(folder, 'calm.db'), seconds);
  say(`500 meters at 1 Hz for ${seconds} s: at most ${calm.toFixed(0)} MB`);
  const result: SectionResult = {
    figures: { '500 meters at 1 Hz: most memory MB': calm },
    bars: [atMost('memory with 500 meters at 1 Hz', calm, 'MB', 230)],
  };
  // A young process grows: whether it stops only a long run can tell.
  if (quick) return { ...result, absent: ['growth of memory: it takes a run that is not quick'] };
  const long = await longRun(join(folder, 'long.db'));
  say(`2,000,000 readings: ${JSON.stringify(long.figures)}`);
  return {
    figures: { ...result.figures, ...long.figures },
    bars: [...result.bars, ...long.bars],
  };
};

/** As fast as they come is not a pace at which memory can be compared: the rate is fixed. */
async function longRun(file: string): Promise<SectionResult> {
  await using hub = await startNode(hubModule, { words: [file, '50'] });
  const load = { meters, window: 40, rate: longRate, each: longReadings / meters };
  const { samples, acked } = await sampled(hub, load);
  await hub.ask('finish');
  const third = Math.floor(samples.length / 3);
  const middle = median(samples.slice(third, 2 * third));
  const last = median(samples.slice(2 * third));
  const growth = `growth from the middle to the last third of ${acked} readings`;
  return {
    figures: {
      'long run: readings': acked,
      'long run: middle third MB': middle,
      'long run: last third MB': last,
      'long run: most MB': Math.max(...samples),
    },
    bars: [atMost(growth, (last / middle - 1) * 100, '%', 5)],
  };
}

async function calmHub(file: string, seconds: number): Promise<number> {
  await using hub = await startNode(hubModule, { words: [file, '500'] });
  const { samples } = await sampled(hub, { meters, window: 5, rate: meters, seconds });
  await hub.ask('finish');
  return Math.max(...samples);
}
