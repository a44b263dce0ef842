/** How long a meter waits for its PUBACK, and how long the event loop is away from everybody else. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNode } from '../children.ts';
import { slowDiskLibrary } from '../compile.ts';
import { type LoadOptions, publishReadings } from '../load.ts';
import { atMost, type Section, type SectionResult } from '../results.ts';

const hubModule = new URL('../hub-target.ts', import.meta.url);
/** What an SD card adds to a flush. */
const slowDiskMs = 20;
const warmUpSeconds = 1;
/** For meters to connect in. */
const settleSeconds = 0.3;

type Load = Omit<LoadOptions, 'port'>;

async function watchHub(file: string, commitMs: number, load: Load, env: NodeJS.ProcessEnv = {}) {
  await using hub = await startNode(hubModule, { words: [file, String(commitMs)], env });
  const port = Number(hub.ready['port']);
  // Meters that connect, and code that is not compiled yet, are another matter.
  const publishing = publishReadings({ ...load, port, warmUpSeconds });
  await sleep((warmUpSeconds + settleSeconds) * 1000);
  await hub.ask('watch');
  const result = await publishing;
  const { p99Ms, mostMs } = await hub.ask('delay');
  const { counts } = await hub.ask('finish');
  const { quarantined } = counts as { quarantined: object };
  if (!result.drained || Object.keys(quarantined).length > 0)
    throw new Error(`not every reading was kept: ${JSON.stringify(counts)}`);
  return { ...result, loopP99Ms: Number(p99Ms), loopMostMs: Number(mostMs) };
}

export const latency: Section = async ({ quick, folder, say }) => {
  const seconds = quick ? 1.5 : 15;
  const calm = { meters: 50, window: 5, rate: 200, seconds };
  const waiting = await watchHub(join(folder, 'calm.db'), 20, calm);
  say(`200 readings/s, commits of 20 ms: PUBACK p99 ${(waiting.p99Us ?? 0) / 1000} ms`);
  const busy = { meters: 500, window: 40, rate: 20_000, seconds };
  const env = { LD_PRELOAD: slowDiskLibrary(), SLOW_DISK_MS: String(slowDiskMs) };
  const slow = await watchHub(join(folder, 'slow.db'), 50, busy, env);
  say(
    `20,000 readings/s, a disk ${slowDiskMs} ms slower: loop p99 ${slow.loopP99Ms.toFixed(1)} ms`,
  );
  const fast = quick ? undefined : await watchHub(join(folder, 'fast.db'), 50, busy);
  return resultOf(waiting, slow, fast);
};

type Watched = Awaited<ReturnType<typeof watchHub>>;

function resultOf(waiting: Watched, slow: Watched, fast: Watched | undefined): SectionResult {
  const acked = (name: string, { p50Us, p99Us, loopP99Ms, loopMostMs }: Watched) => ({
    ...(p50Us === undefined ? {} : { [`${name}: PUBACK p50 ms`]: p50Us / 1000 }),
    ...(p99Us === undefined ? {} : { [`${name}: PUBACK p99 ms`]: p99Us / 1000 }),
    [`${name}: loop delay p99 ms`]: loopP99Ms,
    [`${name}: loop delay most ms`]: loopMostMs,
  });
  const p99Us = waiting.p99Us;
  return {
    figures: {
      ...acked('200 readings/s, commits of 20 ms', waiting),
      ...(fast && acked('20,000 readings/s, commits of 50 ms', fast)),
      ...acked('20,000 readings/s, commits of 50 ms, slow disk', slow),
    },
    bars: [
      ...(p99Us === undefined
        ? []
        : [atMost('PUBACK p99 at 200 readings/s, commits of 20 ms', p99Us / 1000, 'ms', 50)]),
      atMost('loop delay p99 at 20,000 readings/s, flushes 20 ms slower', slow.loopP99Ms, 'ms', 5),
    ],
  };
}
