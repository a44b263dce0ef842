/**
 * Bytes that reach the device for each reading, hours of readings long, with everything that comes due: sealing,
 * roll-ups, carrying the log over. On a file system of its own on a loop device, so that nobody else writes there.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { aDiskBoard } from '../../gateway/adapters/readings/disk-board.ts';
import type { Spare } from '../../gateway/adapters/readings/payload-batch.ts';
import { ReadingsFile } from '../../gateway/adapters/readings/readings-file.ts';
import { keepBatch } from '../keep-batch.ts';
import { undoAtTheEnd } from '../leaving.ts';
import { Neighbourhood, neighbours } from '../neighbourhood.ts';
import { atMost, type Section } from '../results.ts';

const deviceSize = '600M';
/** 50 meters, each 10 s, in commits of 5 s. */
const perCommit = 25;
/** The hub looks every second whether something is due. */
const ticksPerCommit = 5;
const perHour = neighbours * 360;
/** The part of a run in which file and log grow to the size that they keep. */
const warmUpPart = 0.25;
const sectorBytes = 512;
const restEvery = 200;
/** Longer than the kernel's tick: the file system's time stamps differ from one commit to the next. */
const pauseMs = 12;
type Run = { readonly name: string; readonly hours: number; readonly pause: number };
const longRuns: readonly Run[] = [
  { name: 'commits one after another', hours: 24, pause: 0 },
  { name: `commits ${pauseMs} ms apart`, hours: 12, pause: pauseMs },
];
const quickRuns: readonly Run[] = [
  { name: 'commits one after another, only two hours', hours: 2, pause: 0 },
];
const retentionDays = { raw: 400, minute: 31, quarter: 1100 };

export const wear: Section = async ({ quick, folder, say }) => {
  if (process.getuid?.() !== 0)
    return {
      figures: {},
      bars: [],
      absent: ['bytes on the device: mounting a loop device needs root'],
    };
  const told: Record<string, number> = {};
  const runs = quick ? quickRuns : longRuns;
  for (const { name, hours, pause } of runs) {
    try {
      using device = ownDevice(folder);
      const bytes = await bytesPerReading(device, hours, pause);
      told[`bytes on the device per reading, ${name}`] = bytes;
      say(`${hours} h of readings, ${name}: ${bytes.toFixed(0)} bytes on the device per reading`);
    } catch (problem) {
      return { figures: told, bars: [], absent: [`bytes on the device: ${problem}`] };
    }
  }
  // In a few hours the log is carried over too seldom to say what that costs in the long run.
  if (quick)
    return {
      figures: told,
      bars: [],
      absent: ['bar of bytes on the device: it takes 24 h of readings'],
    };
  const bars = Object.entries(told).map(([name, bytes]) => atMost(name, bytes, 'bytes', 300));
  return { figures: told, bars };
};

type Device = Disposable & { readonly folder: string; readonly written: () => number };

const quietly = (program: string, ...words: string[]): void =>
  void execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Throws where there are no loop devices. */
function ownDevice(folder: string): Device {
  const [image, mounted] = [join(folder, 'device'), join(folder, 'mounted')];
  mkdirSync(mounted, { recursive: true });
  quietly('truncate', '-s', '0', image);
  quietly('truncate', '-s', deviceSize, image);
  quietly('mkfs.ext4', '-q', '-b', '4096', image);
  quietly('mount', '-o', 'loop,noatime', image, mounted);
  const unmounting = undoAtTheEnd(() => quietly('umount', '--lazy', mounted));
  const here = statSync(mounted).dev;
  // Major and minor number of the device (makedev(3)), as sysfs names it.
  const stat = `/sys/dev/block/${(here >> 8) & 0xfff}:${(here & 0xff) | ((here >> 12) & 0xfff00)}/stat`;
  return {
    folder: mounted,
    written: () => {
      execFileSync('sync', ['-f', mounted]);
      // Sectors written: the seventh field (Documentation/block/stat.rst).
      return Number(readFileSync(stat, 'utf8').trim().split(/\s+/)[6]) * sectorBytes;
    },
    [Symbol.dispose]: () => unmounting[Symbol.dispose](),
  };
}

async function bytesPerReading(device: Device, hours: number, pause: number): Promise<number> {
  const neighbourhood = new Neighbourhood();
  const name = join(device.folder, 'readings.db');
  const file = new ReadingsFile({
    ...{ file: name, fileBytesMax: undefined, durability: 'on-disk', retentionDays },
    board: aDiskBoard(),
  });
  const log = openSync(`${name}-wal`, 'r+');
  const commits = Math.round((hours * perHour) / perCommit);
  const warm = Math.round(commits * warmUpPart);
  let spare: Spare | undefined;
  let before = 0;
  try {
    for (let commit = 0; commit < commits; commit++) {
      if (commit === warm) before = writtenSoFar(device, name);
      spare = keepBatch(file, neighbourhood, perCommit, ticksPerCommit, spare);
      // What the hub's disk thread does.
      fdatasyncSync(log);
      if (pause > 0 || commit % restEvery === 0) await sleep(pause);
    }
    return (writtenSoFar(device, name) - before) / ((commits - warm) * perCommit);
  } finally {
    closeSync(log);
    file.close();
  }
}

/** What still waits in the log to be carried over belongs to the readings before. */
function writtenSoFar(device: Device, name: string): number {
  using db = new DatabaseSync(name);
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  return device.written();
}
