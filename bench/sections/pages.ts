/** Everybody's page is open while everybody's meter speaks: how soon news reaches a page, and what the hub holds. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, memoryMbOf, startNode } from '../children.ts';
import { publishReadings } from '../load.ts';
import { type OpenPages, openPages } from '../open-pages.ts';
import { atLeast, atMost, type Section, type SectionResult } from '../results.ts';

const hubModule = new URL('../pages-hub.ts', import.meta.url);
const households = 200;
const readingsPerSecond = 1_000;
/** A meter of the load generator measures once a second of its own; here it hurries. */
const speed = readingsPerSecond / households;
const warmUpSeconds = 2;
const sampleEveryMs = 200;
/** As scripts/hub starts the daemon. */
const asInstalled = {
  nodeOptions: ['--max-semi-space-size=2', '--max-old-space-size=192'],
  env: { MALLOC_ARENA_MAX: '2' },
};
/** After the last event: for what is on its way. */
const drainMs = 1_000;

export const pages: Section = async ({ quick, folder, say }) => {
  // Long enough for a quarter of an hour of the meters' to end.
  const seconds = quick ? 15 : 200;
  // The first start of a release compiles it, which takes memory that no later start needs.
  await (await startHub(join(folder, 'first')))[Symbol.asyncDispose]();
  await using hub = await startHub(join(folder, 'measured'));
  const { port, mqttPort, cookies } = hub.ready;
  say(`alone: ${memoryMbOf([hub.pid]).now.toFixed(0)} MB`);
  using open = await openPages(Number(port), cookies as string[]);
  await sleep(drainMs);
  say(`${open.connected()} pages open: ${memoryMbOf([hub.pid]).now.toFixed(0)} MB`);
  const publishing = publishReadings({
    ...{ meters: households, window: 5, rate: readingsPerSecond, seconds, warmUpSeconds },
    port: Number(mqttPort),
  });
  const memory = await watched(hub, seconds, publishing);
  const { told } = await hub.ask('stop');
  await sleep(drainMs);
  const { acked, drained } = await publishing;
  if (!drained) throw new Error('not every reading was acknowledged');
  const result = resultOf(open, told as number[], memory);
  say(`${acked} readings, ${(told as number[]).length} events: ${JSON.stringify(result.figures)}`);
  await hub.ask('finish').catch(() => undefined);
  return { ...result, figures: { ...result.figures, 'readings acknowledged': acked } };
};

function startHub(dataDir: string): Promise<Child> {
  mkdirSync(dataDir);
  return startNode(hubModule, {
    words: [dataDir, String(households), String(speed)],
    ...asInstalled,
  });
}

/** Tells events all the while, closes a slot in the middle, and weighs the hub. */
async function watched(hub: Child, seconds: number, publishing: Promise<unknown>): Promise<number> {
  await sleep(warmUpSeconds * 1_000);
  await hub.ask('tell');
  const samples: number[] = [];
  const weighing = setInterval(() => samples.push(memoryMbOf([hub.pid]).now), sampleEveryMs);
  try {
    await Promise.race([publishing, sleep((seconds * 1_000) / 2)]);
    await hub.ask('slot');
    await publishing;
  } finally {
    clearInterval(weighing);
  }
  return Math.max(...samples);
}

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

function resultOf(open: OpenPages, told: readonly number[], memoryMb: number): SectionResult {
  const late = open.heard.map(({ number, atMs }) => atMs - (told[number] ?? Number.NaN));
  if (open.refused.length > 0) throw new Error(open.refused.slice(0, 5).join('; '));
  const arrived = late.length / (told.length * households);
  return {
    figures: {
      'pages open': open.connected(),
      'event to page p50 ms': quantile(late, 0.5),
      'event to page p95 ms': quantile(late, 0.95),
      'event to page p99 ms': quantile(late, 0.99),
      'event to page most ms': quantile(late, 1),
      'whole page data p95 ms': quantile(open.looks.me, 0.95),
      'figures of now p95 ms': quantile(open.looks.now, 0.95),
      'gateway memory most MB': memoryMb,
    },
    bars: [
      atLeast('pages connected at once', open.connected(), 'pages', households),
      atLeast('events that reached every page', arrived * 100, '%', 100),
      atMost('event to page p95, 1,000 readings/s', quantile(late, 0.95), 'ms', 500),
      atMost('gateway memory with 200 pages open', memoryMb, 'MB', 260),
    ],
  };
}
