/** Lets meters publish, and tells what they heard. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { loadGenerator } from './compile.ts';

export type Scenario = {
  readonly meters: number;
  /** Readings that a meter has in flight. */
  readonly window: number;
};

export type LoadOptions = Scenario & {
  readonly port: number;
  /** How long the meters publish, unless `each` or `payloadsFile` ends it. */
  readonly seconds?: number;
  /** Before that: what happens then counts for nothing but the list of PUBACKs. */
  readonly warmUpSeconds?: number;
  /** Readings of each meter. */
  readonly each?: number;
  /** Readings per second of all meters together, each at its own moment; without it, as fast as they can. */
  readonly rate?: number;
  /** Where the list of PUBACKs goes. */
  readonly acksFile?: string;
  readonly payloadsFile?: string;
  readonly threads?: number;
};

export type LoadResult = {
  readonly sent: number;
  readonly acked: number;
  /** Meters whose connection was closed on them. */
  readonly gone: number;
  /** Whether every reading was acknowledged in the end. */
  readonly drained: boolean;
  readonly beganAtMs: number;
  /** PUBACKs per second after the warm-up; absent without a PUBACK, like all latencies. */
  readonly perSecond?: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
  readonly p999Us?: number;
  readonly mostUs?: number;
  /** Of the generator. */
  readonly cpuSeconds: number;
  readonly problem?: string;
};

/** The first reading of every meter, in bench/loadgen. */
export const firstSequence = 1_000_000;
export const firstUnixSeconds = 1_800_000_000;
export const meterName = (number: number): string => `meter-${String(number).padStart(5, '0')}`;
export const meterNumber = (name: string): number => Number(name.slice('meter-'.length));

/** One thread would be at its limit against a broker that answers every reading with a packet of its own. */
const threadsUsual = 2;
const patienceMs = 15 * 60_000;

/** Rejects when meters are refused or nobody answers. */
export async function publishReadings(options: LoadOptions): Promise<LoadResult> {
  const words = { threads: Math.min(threadsUsual, options.meters), ...options };
  const named: Record<string, string | number | undefined> = {
    ...{ port: words.port, meters: words.meters, window: words.window, threads: words.threads },
    ...{ seconds: words.seconds, each: words.each, rate: words.rate },
    ...{ acks: words.acksFile, payloads: words.payloadsFile },
    ...{ 'warm-up': words.warmUpSeconds },
  };
  const told = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const { stdout } = await promisify(execFile)(loadGenerator(), told, { timeout: patienceMs });
  const result = JSON.parse(stdout) as LoadResult;
  if (result.problem !== undefined) throw new Error(result.problem);
  if (result.gone > 0) throw new Error(`${result.gone} meters were hung up on`);
  return result;
}

/** Pairs of meter number and sequence. */
export function readAcks(file: string): Uint32Array {
  const bytes = readFileSync(file);
  rmSync(file);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
