/** Payments from the push to the wallet, with and without waiting for the disk, and what becomes of each shilling. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, cpuSecondsOf, memoryMbOf, startNode } from '../children.ts';
import { atLeast, atMost, type Section, type SectionResult } from '../results.ts';
import type { Wish } from '../settlement-hub.ts';
import type { RoundResult } from '../settlement-watch.ts';
import { median, percentile } from '../spread.ts';

const hubModule = new URL('../settlement-hub.ts', import.meta.url);
const mpesaModule = new URL('../settlement-mpesa.ts', import.meta.url);
const sampleEveryMs = 100;
/** What scripts/hub gives the hub: without limits a process on a large machine takes memory because it is there. */
const asOnAHub = {
  nodeOptions: ['--max-semi-space-size=2', '--max-old-space-size=192'],
  env: { MALLOC_ARENA_MAX: '2' },
};

type Side = {
  readonly name: 'durable' | 'careless';
  readonly hub: Child;
  readonly mpesa: Child;
  readonly rounds: RoundResult[];
  readonly memoryMb: number[];
  cpuSeconds: number;
};
type Size = { readonly rounds: number } & Pick<Wish, 'perRound' | 'secondsMost'>;

const quickly: Size = { rounds: 3, perRound: 400, secondsMost: 4 };
/** 10,000 payments on each side, however long they take. */
const fully: Size = { rounds: 10, perRound: 1_000, secondsMost: 3_600 };

/** A, B, A, B ...: what disturbs the machine for a while disturbs both. */
export const settlement: Section = async ({ quick, folder, say, isLate }) => {
  const { rounds, ...size } = quick ? quickly : fully;
  const payments = rounds * size.perRound;
  await using opening = new AsyncDisposableStack();
  const open = async (name: Side['name']): Promise<Side> => {
    const own = join(folder, name);
    mkdirSync(own);
    const originNs = String(process.hrtime.bigint());
    const words = [own, String(payments), originNs];
    const mpesa = opening.use(await startNode(mpesaModule, { words }));
    const { url, publicKeyFile } = mpesa.ready as { url: string; publicKeyFile: string };
    const wish: Wish = {
      ...{ folder: own, baseUrl: url, publicKeyFile, originNs, payments, ...size },
      isDurable: name === 'durable',
    };
    const hub = opening.use(
      await startNode(hubModule, { words: [JSON.stringify(wish)], ...asOnAHub }),
    );
    return { name, hub, mpesa, rounds: [], memoryMb: [], cpuSeconds: 0 };
  };
  const durable = await open('durable');
  const careless = await open('careless');
  for (let round = 1; round <= rounds && !(round > 1 && isLate()); round++)
    for (const side of [durable, careless]) {
      const { seconds, credited } = await play(side);
      say(`round ${round}: ${side.name} ${(credited / seconds).toFixed(0)} payments/s`);
    }
  const audits = [await audit(durable), await audit(careless)];
  return resultOf(quick, { durable, careless }, audits);
};

async function play(side: Side): Promise<RoundResult> {
  const cpu = () => cpuSecondsOf([side.hub.pid]);
  const before = cpu();
  const timer = setInterval(
    () => side.memoryMb.push(memoryMbOf([side.hub.pid]).now),
    sampleEveryMs,
  );
  try {
    const result = (await side.hub.ask('play')) as unknown as RoundResult;
    side.rounds.push(result);
    side.cpuSeconds += cpu() - before;
    return result;
  } finally {
    clearInterval(timer);
  }
}

type Audit = {
  readonly paid: number;
  readonly uncredited: number;
  readonly doubled: number;
  readonly unbalanced: number;
};

/** Shilling by shilling: what M-Pesa took from each phone beside what is in its household's wallet. */
async function audit({ hub, mpesa }: Side): Promise<Audit> {
  const { wallets, trialBalanceCents, imbalances } = await hub.ask('finish');
  const { payments } = await mpesa.ask('payments');
  const paid = new Map<string, number>();
  for (const [phone, amount] of payments as [string, number][])
    paid.set(phone, (paid.get(phone) ?? 0) + amount);
  const found = new Map(wallets as [string, number][]);
  const phones = new Set([...paid.keys(), ...found.keys()]);
  const differing = [...phones].map((phone) => (found.get(phone) ?? 0) - (paid.get(phone) ?? 0));
  return {
    paid: paid.size,
    uncredited: differing.filter((cents) => cents < 0).length,
    doubled: differing.filter((cents) => cents > 0).length,
    unbalanced: Math.abs(Number(trialBalanceCents)) + Number(imbalances),
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function resultOf(
  quick: boolean,
  { durable, careless }: Readonly<Record<Side['name'], Side>>,
  audits: readonly Audit[],
): SectionResult {
  const of = (figure: keyof Audit) => sumOf(audits.map((one) => one[figure]));
  const [uncredited, doubled] = [of('uncredited'), of('doubled')];
  const rate = ({ rounds }: Side) => median(rounds.map((one) => one.credited / one.seconds));
  const latencies = durable.rounds.flatMap(({ latenciesMs }) => latenciesMs);
  const asked = ({ rounds }: Side) => sumOf(rounds.map((one) => one.asked));
  const payments = asked(durable);
  const memory = quick ? youngMemory : memoryOf(durable);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => percentile(latencies, part)) as [
    number,
    number,
    number,
  ];
  const ratio = rate(durable) / rate(careless);
  return {
    figures: {
      payments: payments + asked(careless),
      ...{ paid: of('paid'), uncredited, doubled },
      'payments per second': rate(durable),
      'payments per second with synchronous=OFF': rate(careless),
      'durable part of careless': ratio,
      'callback to credit p50 ms': p50,
      'callback to credit p95 ms': p95,
      'callback to credit p99 ms': p99,
      'commits per payment': sumOf(durable.rounds.map(({ commits }) => commits)) / payments,
      'processor ms of the hub per payment': (durable.cpuSeconds / payments) * 1_000,
      'processor ms of the hub per payment with synchronous=OFF':
        (careless.cpuSeconds / asked(careless)) * 1_000,
      ...memory.figures,
    },
    bars: [
      atMost('paid and not credited', uncredited, 'payments', 0),
      atMost('credited and not paid, or twice', doubled, 'payments', 0),
      atMost('accounts out of balance', of('unbalanced'), 'accounts', 0),
      atLeast('durable part of the rate with synchronous=OFF', ratio, 'times', 0.5),
      atMost('callback to credit, p95', p95, 'ms', 250),
      ...memory.bars,
    ],
    absent: memory.absent ?? [],
  };
}

/** A young process grows: whether it stops only a long run can tell. */
const youngMemory: SectionResult = {
  ...{ figures: {}, bars: [] },
  absent: ['growth of memory: it takes a run that is not quick'],
};

function memoryOf({ memoryMb }: Side): SectionResult {
  const third = Math.floor(memoryMb.length / 3);
  const [first, last] = [median(memoryMb.slice(0, third)), median(memoryMb.slice(-third))];
  return {
    figures: { 'memory first third MB': first, 'memory last third MB': last },
    bars: [atMost('memory, last third against first', (last / first - 1) * 100, '%', 10)],
  };
}
