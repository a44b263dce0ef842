/** The SD card on which the hub keeps everything, and which can be full. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

export type Card = Disposable & {
  readonly folder: string;
  /** How a full card is made here; for whoever reads the figures. */
  readonly manner: string;
  /** Not one page more can be written. `pids` are the processes that write. */
  fillUp(pids: readonly number[]): void;
  makeRoom(pids: readonly number[]): void;
};

const roomy = '4g';
/** The hub goes on writing while its card is made full. */
const fillTriesMost = 50;

/** Root has a card of its own in memory; others have a limit on what their processes may write. */
export const openCard = (place: string): Card => {
  const folder = join(place, 'data');
  mkdirSync(folder, { mode: 0o700 });
  return process.getuid?.() === 0 && mount(['-t', 'tmpfs', '-o', `size=${roomy}`, 'jirani', folder])
    ? ownCard(folder)
    : writeLimit(folder);
};

const mount = (words: readonly string[]): boolean => spawnSync('mount', words).status === 0;

const remount = (folder: string, size: string): boolean =>
  mount(['-o', `remount,size=${size}`, folder]);

const ownCard = (folder: string): Card => ({
  folder,
  manner: 'a file system of its own, made no larger than what it holds',
  fillUp: () => {
    for (let tries = 0; tries < fillTriesMost; tries++) {
      const { blocks, bfree, bsize } = statfsSync(folder);
      if (remount(folder, String((blocks - bfree) * bsize))) return;
    }
    throw new Error('the card could not be filled');
  },
  makeRoom: () => void remount(folder, roomy),
  [Symbol.dispose]: () => void spawnSync('umount', ['--lazy', folder]),
});

/** RLIMIT_FSIZE of 0 (getrlimit(2)): every write to a file fails, as on a full disk but with another error number. */
const writeLimit = (folder: string): Card => {
  const limit = (pids: readonly number[], bytes: string): void => {
    for (const pid of pids)
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`], { stdio: 'ignore' });
  };
  return {
    folder,
    manner: 'a stand-in: the hub’s processes may write to no file',
    fillUp: (pids) => limit(pids, '0'),
    makeRoom: (pids) => limit(pids, 'unlimited'),
    [Symbol.dispose]: () => {},
  };
};
