/** A folder that behaves like a failing disk to whoever is started with `env`. lying-disk.c has the model. */
import { execFileSync, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./lying-disk.c', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/lying-disk/', import.meta.url));

/** Why there is no such disk on this machine; undefined when there is. */
export function whyNoLyingDisk(): string | undefined {
  if (process.platform !== 'linux') return 'Linux is needed';
  return spawnSync('gcc', ['--version']).status === 0 ? undefined : 'gcc is missing';
}

/** Compiles the disk, once for each version of its source. */
function library(): string {
  const compiled = join(cache, `${hash('sha256', readFileSync(source)).slice(0, 16)}.so`);
  if (existsSync(compiled)) return compiled;
  mkdirSync(cache, { recursive: true });
  const unfinished = `${compiled}.${process.pid}`;
  const words = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', unfinished];
  execFileSync('gcc', [...words, source, '-ldl', '-lpthread'], { stdio: ['ignore', 2, 2] });
  renameSync(unfinished, compiled);
  return compiled;
}

/** Words of four bytes, in the order of `struct orders`. */
const orders = [
  'syncsToFail',
  'onlyDataSyncs',
  'writesToFail',
  'writeErrno',
  'forgets',
  'diesAtSync',
  'syncsFailed',
  'writesFailed',
] as const;
type Order = (typeof orders)[number];
const wordBytes = 4;

export class LyingDisk implements Disposable {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #survivors: string;
  readonly #imagined: string;
  readonly #orders: number;
  #failedBefore = 0;

  /** `forgets`: a page whose writing failed loses its content in memory too, as on XFS and btrfs. */
  constructor(place: string, forgets: boolean) {
    this.folder = join(place, 'disk');
    this.#survivors = join(place, 'survivors');
    this.#imagined = join(place, 'imagined');
    const ordersFile = join(place, 'orders');
    for (const folder of [this.folder, this.#survivors]) mkdirSync(folder);
    writeFileSync(ordersFile, Buffer.alloc(orders.length * wordBytes));
    this.#orders = openSync(ordersFile, 'r+');
    this.#say('forgets', forgets ? 1 : 0);
    this.env = {
      LD_PRELOAD: library(),
      JIRANI_DISK_FOLDER: this.folder,
      JIRANI_DISK_SURVIVORS: this.#survivors,
      JIRANI_DISK_ORDERS: ordersFile,
    };
  }

  /**
   * So many of the next waits for the disk end with EIO, and what they waited for is lost. `commits` are
   * those by fdatasync, which the hub itself asks for; SQLite asks for fsync.
   */
  failSyncs(count: number, which: 'commits' | 'any'): void {
    this.#say('onlyDataSyncs', which === 'commits' ? 1 : 0);
    this.#failedBefore = this.#failed;
    this.#say('syncsToFail', count);
  }

  failWrites(count: number, code: 'EIO' | 'ENOSPC'): void {
    this.#failedBefore = this.#failed;
    this.#say('writeErrno', constants.errno[code]);
    this.#say('writesToFail', count);
  }

  /** The hub is killed as it begins the wait of that number, counted once no failure is due any more. */
  dieAtSync(number: number): void {
    this.#say('diesAtSync', number);
  }

  recover(): void {
    this.#say('syncsToFail', 0);
    this.dieAtSync(0);
    this.#say('writesToFail', 0);
  }

  /** Whether anything has failed since it was last said to. */
  get hasStruck(): boolean {
    return this.#failed > this.#failedBefore;
  }
  get syncsFailed(): number {
    return this.#hear('syncsFailed');
  }
  get writesFailed(): number {
    return this.#hear('writesFailed');
  }

  /**
   * Once nobody uses the disk: makes a folder with what a power cut would leave, and answers its path. What a
   * synchronisation took to the disk is there, and of the rest what `isLucky` says, write by write, for a disk
   * may take them in any order.
   */
  imagineCut(isLucky: () => boolean): string {
    rmSync(this.#imagined, { recursive: true, force: true });
    mkdirSync(this.#imagined);
    for (const name of readdirSync(this.#survivors)) {
      if (name.endsWith(pendingSuffix)) continue;
      const [now, left] = [join(this.folder, name), join(this.#imagined, name)];
      copyFileSync(join(this.#survivors, name), left);
      if (existsSync(now)) leak(now, join(this.#survivors, name + pendingSuffix), left, isLucky);
      // A file whose name was never synchronised is not there.
      if (statSync(left).size === 0) rmSync(left);
    }
    return this.#imagined;
  }

  /** The cut that was imagined last comes true. */
  cutPower(): void {
    for (const folder of [this.folder, this.#survivors]) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      // Whoever looked at the cut left shared memory, which no disk keeps.
      for (const name of readdirSync(this.#imagined).filter((name) => !name.endsWith('-shm')))
        copyFileSync(join(this.#imagined, name), join(folder, name));
    }
  }

  get #failed(): number {
    return this.syncsFailed + this.writesFailed;
  }

  #say(order: Order, value: number): void {
    const word = Buffer.alloc(wordBytes);
    word.writeInt32LE(value);
    writeSync(this.#orders, word, 0, wordBytes, orders.indexOf(order) * wordBytes);
  }

  #hear(order: Order): number {
    const word = Buffer.alloc(wordBytes);
    readSync(this.#orders, word, 0, wordBytes, orders.indexOf(order) * wordBytes);
    return word.readInt32LE();
  }

  [Symbol.dispose](): void {
    closeSync(this.#orders);
  }
}

const pendingSuffix = '.pending';
const pendingBytes = 16;

/** Some of what is pending reaches the disk after all. */
function leak(now: string, pendingFile: string, disk: string, isLucky: () => boolean): void {
  const pending = readFileSync(pendingFile);
  const content = readFileSync(now);
  const target = openSync(disk, 'r+');
  for (let at = 0; at + pendingBytes <= pending.length; at += pendingBytes) {
    if (!isLucky()) continue;
    const offset = Number(pending.readBigInt64LE(at));
    const length = Number(pending.readBigInt64LE(at + 8));
    if (length < 0) ftruncateSync(target, offset);
    else writeSync(target, content.subarray(offset, offset + length), 0, undefined, offset);
  }
  closeSync(target);
}
