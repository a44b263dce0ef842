/** What the ledger's process holds after 10,000 and after 100,000 transfers, and how soon it is back after that. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryMbOf } from '../children.ts';
import { atMost, type Section } from '../results.ts';
import { median } from '../spread.ts';
import { connectTo, settle, startLedger } from '../tokens-clients.ts';
import { openFlood } from '../tokens-flood.ts';
import { neighbourhoodOf } from '../tokens-trade.ts';
import { readyAfterMs, readyBarMs } from './tokens-restart.ts';

const households = 1_000;
const [few, many] = [10_000, 100_000];
/** What is said on the way. */
const everyTenThousand = Array.from({ length: 8 }, (_, n) => (n + 2) * few);
/** Then the rent of the markers comes home, as it does of a night; a multiple of 7. */
const stretch = 1_400;
const growthMaxPercent = 15;

/** The middle of what the process holds over two seconds: a collection may be just over, or just due. */
async function heldMb(pid: number): Promise<number> {
  const samples: number[] = [];
  for (let n = 0; n < 20; n++) {
    samples.push(memoryMbOf([pid]).now);
    await sleep(100);
  }
  return median(samples);
}

export const memory: Section = async ({ quick, folder, say }) => {
  if (quick)
    return {
      figures: {},
      bars: [],
      absent: ['memory after 100,000 transfers: not in a quick look'],
    };
  const dataDir = join(folder, 'ledger');
  const where = neighbourhoodOf(households);
  const held: number[] = [];
  {
    await using ledger = await startLedger(dataDir);
    const connection = connectTo(Number(ledger.ready['port']));
    const rent = await settle(connection, where);
    const port = Number(ledger.ready['port']);
    const flood = await openFlood(`http://127.0.0.1:${port}`, where, rent);
    let done = 0;
    for (const goal of [few, ...everyTenThousand, many]) {
      while (done < goal) {
        const moves = { first: done, count: Math.min(stretch, goal - done) };
        await flood.move(moves);
        await flood.bringRentHome(moves);
        done += moves.count;
      }
      held.push(await heldMb(ledger.pid));
      say(`${done} transfers: ${held.at(-1)?.toFixed(0)} MB`);
    }
  }
  const [after = 0, last = 0] = [held[0], held.at(-1)];
  const readyMs = await readyAfterMs(dataDir);
  return {
    figures: {
      'memory after 10,000 transfers MB': after,
      'memory after 100,000 transfers MB': last,
      'ready again after 100,000 transfers ms': readyMs,
    },
    bars: [
      atMost(
        'growth of memory from 10,000 to 100,000 transfers',
        ...([(last / after - 1) * 100, '%', growthMaxPercent] as const),
      ),
      atMost('ready again after 100,000 transfers', readyMs, 'ms', readyBarMs),
    ],
  };
};
