/** Which machine the figures are from; the disk is part of it. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { median } from './spread.ts';

const flushes = 100;
const flushBytes = 4096;

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  /** Median time for 4 KiB to reach the disk of `folder`, appended as a log is. */
  readonly diskFlushMs: number;
};

export const machineHere = (folder: string): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMb: Math.round(totalmem() / 2 ** 20),
  system: `${type()} ${release()}`,
  node: process.version,
  sqlite: process.versions['sqlite'] ?? 'unknown',
  diskFlushMs: flushMs(folder),
});

function flushMs(folder: string): number {
  const name = join(folder, 'flush');
  const file = openSync(name, 'w');
  const block = Buffer.alloc(flushBytes, 1);
  const took = Array.from({ length: flushes }, () => {
    const start = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(name);
  return Number(median(took).toFixed(3));
}
