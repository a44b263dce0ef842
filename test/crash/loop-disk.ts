/** A disk of its own for the hub: ext4 on a file, whose power can be cut. Needs root and loop devices. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

const programs = ['mkfs.ext4', 'mount', 'umount', 'unshare', 'perl'];
/** Where Debian keeps what only root uses. */
const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Why power cannot be cut on this machine; undefined when it can. */
export function whyNoLoopDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux is needed';
  const missing = programs.find((name) => !places.some((place) => existsSync(join(place, name))));
  if (missing !== undefined) return `${missing} is missing`;
  try {
    accessSync('/dev/loop-control');
  } catch {
    return 'there are no loop devices';
  }
  const { status } = spawnSync('unshare', ['--mount', 'true']);
  return status === 0 ? undefined : 'mounting is not allowed here';
}

const run = (program: string, ...words: string[]): void =>
  void execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });

/**
 * EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH (fs/ext4/ext4.h of Linux): from that moment nothing reaches
 * the device any more, neither data nor journal, as when the power fails.
 */
const shutDownScript =
  'my $flags = pack("L", 2); open(my $disk, "<", $ARGV[0]) or die $!; ioctl($disk, 0x8004587d, $flags) or die $!';

const ballastName = 'ballast';
const ballastBlock = Buffer.alloc(2 ** 20);

export class LoopDisk implements Disposable {
  readonly folder: string;
  readonly #image: string;
  #isMounted = false;

  /** Makes and mounts an empty file system below `place`. */
  constructor(place: string, name: string, sizeBytes: number) {
    this.#image = join(place, `${name}.ext4`);
    this.folder = join(place, name);
    mkdirSync(this.folder);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, sizeBytes);
    run('mkfs.ext4', '-q', '-F', this.#image);
    this.comeBack();
  }

  /** Not one byte is left. */
  fillUp(): void {
    const ballast = openSync(join(this.folder, ballastName), 'w');
    try {
      for (;;) writeSync(ballast, ballastBlock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(ballast);
    }
  }

  makeRoom(): void {
    rmSync(join(this.folder, ballastName), { force: true });
  }

  cutPower(): void {
    run('perl', '-e', shutDownScript, this.folder);
  }

  /** After a cut, once nobody uses the disk: what had reached it is there again. */
  comeBack(): void {
    if (this.#isMounted) run('umount', this.folder);
    run('mount', '-o', 'loop,noatime', this.#image, this.folder);
    this.#isMounted = true;
  }

  /** A hub that still ends may hold the disk for a moment. */
  [Symbol.dispose](): void {
    if (this.#isMounted) run('umount', '--lazy', this.folder);
    this.#isMounted = false;
  }
}
