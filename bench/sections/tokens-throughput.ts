/** Transfers per second from intent to journalled execution, beside the bare machine that only executes. */
import { join } from 'node:path';
import type { Connection } from '@solana/web3.js';
import { openLocalLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { cpuSecondsOf } from '../children.ts';
import { atLeast, type Section, type SectionResult } from '../results.ts';
import { median, percentile, spreadOf } from '../spread.ts';
import { openBare } from '../tokens-bare.ts';
import {
  bringRentHome,
  connectBy,
  connectTo,
  move,
  settle,
  startLedger,
} from '../tokens-clients.ts';
import { type Neighbourhood, neighbourhoodOf, rentsAtOnce } from '../tokens-trade.ts';

const households = 40;
const shareOfBare = 0.5;

type Way = {
  readonly name: string;
  readonly perSecond: number[];
  readonly tookMs: number[];
  /** Of client and ledger together, for each transfer; a busy machine changes it less than the rate. */
  readonly cpuUs: number[];
  /** Transfers `first` and following. */
  readonly play: (first: number, count: number) => Promise<void>;
};

function wayOf(
  name: string,
  connection: Connection,
  where: Neighbourhood,
  rent: number,
  cpuSeconds: () => number,
  pace: { readonly together?: number; readonly group?: number } = {},
): Way {
  const way: Way = {
    ...{ name, perSecond: [], tookMs: [], cpuUs: [] },
    async play(first, count) {
      const before = cpuSeconds();
      const { perSecond, tookMs } = await move(connection, where, rent, { first, count }, pace);
      way.cpuUs.push(((cpuSeconds() - before) / count) * 1e6);
      way.perSecond.push(perSecond);
      for (const ms of tookMs) way.tookMs.push(ms);
    },
  };
  return way;
}

export const throughput: Section = async ({ quick, folder, say, isLate }) => {
  const [rounds, count] = quick ? [3, 300] : [7, 2_000];
  const where = neighbourhoodOf(households);
  await using ledger = await startLedger(join(folder, 'process'));
  using local = openLocalLedger({ file: join(folder, 'local.db') });
  const connection = connectTo(Number(ledger.ready['port']));
  const inProcess = connectBy(local.fetch);
  const rent = await settle(connection, where);
  await settle(inProcess, where);
  const own = () => cpuSecondsOf([process.pid]);
  const both = () => cpuSecondsOf([process.pid, ledger.pid]);
  const http = wayOf('over HTTP', connection, where, rent, both);
  const inside = wayOf('in one process', inProcess, where, rent, own);
  const onePace = { together: 1, group: 1 };
  const alone = wayOf('one at a time over HTTP', connection, where, rent, both, onePace);
  const bare = openBare(where);
  const bareRates: number[] = [];
  const bareCpuUs: number[] = [];
  let first = 0;
  // Code that is not compiled yet is another matter, so that round 0 counts for nothing.
  for (let round = 0; round <= rounds; round++) {
    if (round > 1 && isLate()) break;
    const before = own();
    bareRates.push(await bare.move(first, count));
    bareCpuUs.push(((own() - before) / count) * 1e6);
    for (const way of [http, inside]) await way.play(first, count);
    first += count;
    await alone.play(first, Math.ceil(count / 10));
    first += count;
    if (round === 0)
      for (const each of [bareRates, bareCpuUs, ...timesOf(http, inside, alone)]) each.length = 0;
  }
  say(`bare ${median(bareRates).toFixed(0)}/s, ${[http, inside].map(line).join(', ')}`);
  const costs = await costsOf(connection, where, rent, first);
  return resultOf(bareRates, [http, inside, alone], {
    'bare LiteSVM, build and sign: CPU µs per transfer': median(bareCpuUs),
    ...costs,
  });
};

const timesOf = (...ways: Way[]) =>
  ways.flatMap(({ perSecond, tookMs, cpuUs }) => [perSecond, tookMs, cpuUs]);
const line = ({ name, perSecond }: Way) => `${name} ${median(perSecond).toFixed(0)}/s`;

function resultOf(
  bare: readonly number[],
  ways: readonly Way[],
  costs: Readonly<Record<string, number>>,
): SectionResult {
  const figures: Record<string, number> = {
    'bare LiteSVM, build and sign: transfers/s': median(bare),
  };
  for (const { name, perSecond, tookMs, cpuUs } of ways) {
    const { least, most } = spreadOf(perSecond);
    figures[`${name}: transfers/s`] = median(perSecond);
    figures[`${name}: transfers/s, least`] = least;
    figures[`${name}: transfers/s, most`] = most;
    figures[`${name}: CPU µs per transfer`] = median(cpuUs);
    figures[`${name}: p50 ms`] = percentile(tookMs, 0.5);
    figures[`${name}: p99 ms`] = percentile(tookMs, 0.99);
  }
  // Each round is compared with its own: the machine may be busier in the next.
  const shares = ways.slice(0, 2).map(({ name, perSecond }) => ({
    name,
    share: median(perSecond.map((rate, round) => rate / (bare[round] as number))),
  }));
  return {
    figures: { ...figures, ...costs },
    bars: shares.map(({ name, share }) =>
      atLeast(`${name}: share of bare LiteSVM with building and signing`, share, '', shareOfBare),
    ),
  };
}

/** What a trade leaves on the bill of the hub, and after how many slots it is final. */
async function costsOf(
  connection: Connection,
  where: Neighbourhood,
  rent: number,
  first: number,
): Promise<Record<string, number>> {
  const count = rentsAtOnce * 10;
  const balance = () => connection.getBalance(where.hub.publicKey);
  const before = await balance();
  const { bytes } = await move(connection, where, rent, { first, count });
  const during = await balance();
  const transactions = await bringRentHome(connection, where, rent, { first, count });
  const after = await balance();
  const finalSlots = await slotsToFinality(connection, where);
  return {
    'bytes per transaction': bytes,
    'fee per trade, lamports': (before - during) / count - rent,
    'marker rent until it comes home, lamports': rent,
    'lamports per settled trade, rent brought home': (before - after) / count,
    'trades whose rent one transaction brings home': count / transactions,
    'finality, slots': finalSlots,
  };
}

async function slotsToFinality(connection: Connection, where: Neighbourhood): Promise<number> {
  const signature = await connection.requestAirdrop(where.hub.publicKey, 1_000_000);
  for (;;) {
    const { context, value } = await connection.getSignatureStatus(signature);
    if (value?.confirmationStatus === 'finalized') return context.slot - value.slot;
  }
}
