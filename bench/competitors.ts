/** Who takes readings from meters in a bench, and how one round of each is played and weighed. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storedReadings } from '../gateway/adapters/readings/stored-readings.ts';
import { compare, rateOf } from './audit.ts';
import { type Child, cpuSecondsOf, memoryMbOf, startNode } from './children.ts';
import { type LoadResult, meterNumber, publishReadings, readAcks, type Scenario } from './load.ts';
import { type MosquittoSettings, startMosquitto } from './peers/mosquitto.ts';

/** Figures of one round; one that could not be taken is absent. */
export type Figures = {
  ackedPerSecond?: number;
  /** Only when what is on the disk is what was acknowledged. */
  rowsPerSecond?: number;
  ackedButMissing?: number;
  p50Ms?: number;
  p99Ms?: number;
  /** Of all processes that take the reading, without the generator's. */
  cpuUsPerReading?: number;
  rssMb?: number;
  generatorCpuSeconds?: number;
};
export type Round = { readonly figures: Figures; readonly refused?: string };

export type Play = Scenario & {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly folder: string;
};

export type Competitor = {
  readonly name: string;
  /** What a PUBACK of it says. */
  readonly puback: 'nothing is stored' | 'may not be stored yet' | 'is on the disk' | 'no PUBACK';
  readonly play: (play: Play) => Promise<Round>;
};

const hubModule = new URL('hub-target.ts', import.meta.url);
const peer = (name: string): URL => new URL(`peers/${name}.ts`, import.meta.url);

/** The hub's broker and readings, with every check on. */
export const ours: Competitor = {
  name: 'Jirani',
  puback: 'is on the disk',
  play: async ({ folder, ...play }) => {
    const file = join(folder, 'readings.db');
    await using hub = await startNode(hubModule, { words: [file, '0'] });
    const port = Number(hub.ready['port']);
    const acksFile = join(folder, 'acks');
    const { load, weighed } = await underLoad([hub], () =>
      publishReadings({ ...play, port, acksFile }),
    );
    await hub.ask('finish');
    const audit = compare(readAcks(acksFile), storedIn(file));
    const rate = rateOf(audit, load.perSecond);
    return judged(load, weighed, audit.missing, rate);
  },
};

export function* storedIn(file: string): Generator<[number, number]> {
  for (const { meter, sequence } of storedReadings(file)) yield [meterNumber(meter), sequence];
}

/** Weighs the processes while the meters publish. */
async function underLoad(processes: readonly Child[], publish: () => Promise<LoadResult>) {
  const pids = processes.map(({ pid }) => pid);
  const before = cpuSecondsOf(pids);
  const load = await publish();
  const used = cpuSecondsOf(pids) - before;
  return { load, weighed: { cpuSeconds: used, rssMb: memoryMbOf(pids).most } };
}
type Weighed = { readonly cpuSeconds: number; readonly rssMb: number };

function accepted(load: LoadResult, { cpuSeconds, rssMb }: Weighed): Figures {
  if (load.perSecond === undefined || load.p50Us === undefined || load.p99Us === undefined)
    return {};
  return {
    ackedPerSecond: load.perSecond,
    p50Ms: load.p50Us / 1000,
    p99Ms: load.p99Us / 1000,
    cpuUsPerReading: (cpuSeconds / load.acked) * 1e6,
    rssMb,
    generatorCpuSeconds: load.cpuSeconds,
  };
}

/** Without a rate of rows there is no rate of acknowledgements either: it would say nothing. */
function judged(
  load: LoadResult,
  weighed: Weighed,
  missing: number,
  rate: ReturnType<typeof rateOf>,
): Round {
  const { ackedPerSecond, ...others } = accepted(load, weighed);
  if ('refused' in rate)
    return { figures: { ...others, ackedButMissing: missing }, refused: rate.refused };
  return {
    figures: {
      ...others,
      ...(ackedPerSecond === undefined ? {} : { ackedPerSecond }),
      rowsPerSecond: rate.perSecond,
      ackedButMissing: missing,
    },
  };
}

const acceptsOnly = async (taker: Child, port: number, play: Play): Promise<Round> => {
  const { folder: _, ...scenario } = play;
  const { load, weighed } = await underLoad([taker], () => publishReadings({ ...scenario, port }));
  if (!load.drained) return { figures: {}, refused: 'not everything was acknowledged' };
  return { figures: accepted(load, weighed) };
};

export const mosquittoAccepts = (settings: MosquittoSettings): Competitor => ({
  name: `Mosquitto, ${settings} settings`,
  puback: 'nothing is stored',
  play: async (play) => {
    await using mosquitto = await startMosquitto(play.folder, settings);
    return await acceptsOnly(mosquitto, mosquitto.port, play);
  },
});

const nodeAccepts = (name: string, module: string): Competitor => ({
  name,
  puback: 'nothing is stored',
  play: async (play) => {
    await using taker = await startNode(peer(module));
    return await acceptsOnly(taker, Number(taker.ready['port']), play);
  },
});
export const bareNode = nodeAccepts('Node net', 'node-accepts');
export const bareAedes = nodeAccepts('aedes', 'aedes-accepts');

export const rawSqlite = (library: 'better-sqlite3' | 'node:sqlite'): Competitor => ({
  name: `SQLite alone, ${library}`,
  puback: 'no PUBACK',
  play: async ({ folder, seconds, meters }) => {
    const words = [library, join(folder, 'raw.db'), String(seconds), String(meters)];
    await using writer = await startNode(peer('raw-sqlite'), { words });
    const { rows, seconds: took, stored } = await writer.ask('insert');
    if (rows !== stored) return { figures: {}, refused: `${stored} of ${rows} rows are stored` };
    return { figures: { rowsPerSecond: Number(rows) / Number(took) } };
  },
});

/** What it stores in about a second. A round has a number of readings, not a time: its PUBACKs say nothing of its pace. */
const pipelineReadings = { autocommit: 4_000, batched: 50_000 };

/** The usual way, in which the meter is thanked by one program and its reading is stored by another. */
export const pipeline = (
  mode: keyof typeof pipelineReadings,
  settings: MosquittoSettings,
): Competitor => ({
  name: `Mosquitto (${settings}), mqtt.js, better-sqlite3 ${mode}`,
  puback: 'may not be stored yet',
  play: async ({ folder, meters, window, seconds }) => {
    await using mosquitto = await startMosquitto(folder, settings);
    const { port } = mosquitto;
    const file = join(folder, 'rows.db');
    const words = [mode, String(port), file];
    await using writer = await startNode(peer('mqtt-to-sqlite'), { words });
    const acksFile = join(folder, 'acks');
    const pids = [mosquitto.pid, writer.pid];
    const before = cpuSecondsOf(pids);
    const each = Math.max(1, Math.round((pipelineReadings[mode] * seconds) / meters));
    const load = await publishReadings({ meters, window, port, each, acksFile });
    const { lastRowAtMs } = await writer.ask('finish');
    const weighed = { cpuSeconds: cpuSecondsOf(pids) - before, rssMb: memoryMbOf(pids).most };
    const audit = compare(readAcks(acksFile), rowsIn(file));
    const rate = rateOf(audit, audit.stored / ((Number(lastRowAtMs) - load.beganAtMs) / 1000));
    return judged(load, weighed, audit.missing, rate);
  },
});

function* rowsIn(file: string): Generator<[number, number]> {
  using db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT life, sequence FROM ring').iterate();
  for (const row of rows as Iterable<unknown>) {
    const { life, sequence } = row as { life: number; sequence: number };
    yield [life, sequence];
  }
}
