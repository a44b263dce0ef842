/** Deletes the backups of a folder that are over, and carries new ones elsewhere. */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { backupsToForget, readBackupName } from '../../core/backup-plan.ts';
import { syncFolder } from './work-folder.ts';

const run = promisify(execFile);
/** A copy over a slow network takes long; one that hangs ends. */
const copyMostMs = 2 * 3_600_000;
const listMostMs = 120_000;
/** rclone(1): a remote's name, a colon, a path. */
const remoteForm = /^[A-Za-z0-9_][A-Za-z0-9_ .+@-]*:/;

/** The newest backup of the folder. */
export function newestBackup(
  folder: string,
): { readonly file: string; readonly at: number } | undefined {
  if (!existsSync(folder)) return undefined;
  const [newest] = readdirSync(folder)
    .flatMap((name) => readBackupName(name) ?? [])
    .sort((a, b) => b.at - a.at);
  return newest && { file: join(folder, newest.name), at: newest.at };
}

/** Answers what it deleted. */
export function forgetOld(folder: string): string[] {
  const gone = backupsToForget(readdirSync(folder));
  for (const name of gone) rmSync(join(folder, name));
  // What a power cut left of one that was being written.
  for (const name of readdirSync(folder))
    if (/^\.jirani-.*\.part$/.test(name)) rmSync(join(folder, name), { force: true });
  return gone;
}

/**
 * Copies a backup to a mounted folder, or to a remote of rclone where that is installed. It is sealed: whoever keeps
 * the copy reads nothing, and no argument holds a passphrase. Old copies go as old backups do. Throws in words.
 */
export async function copyElsewhere(file: string, place: string): Promise<void> {
  if (remoteForm.test(place)) return copyByRclone(file, place);
  if (!statSync(place, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${place} is no folder: is the disk mounted? BACKUP_REMOTE names it.`);
  const part = join(place, `.${basename(file)}.part`);
  try {
    copyFileSync(file, part);
    renameSync(part, join(place, basename(file)));
    syncFolder(place);
  } catch (error) {
    rmSync(part, { force: true });
    throw new Error(`The backup is here, but was not copied to ${place}: ${wordsOf(error)}.`, {
      cause: error,
    });
  }
  forgetOld(place);
}

async function copyByRclone(file: string, place: string): Promise<void> {
  const at = (name: string) => (place.endsWith(':') ? `${place}${name}` : `${place}/${name}`);
  try {
    await run('rclone', ['copyto', '--', file, at(basename(file))], { timeout: copyMostMs });
    const { stdout } = await run('rclone', ['lsf', '--', place], { timeout: listMostMs });
    for (const name of backupsToForget(stdout.split('\n')))
      await run('rclone', ['deletefile', '--', at(name)], { timeout: listMostMs });
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = isMissing ? 'rclone is not installed: apt-get install rclone' : wordsOf(error);
    throw new Error(`The backup is here, but was not copied to ${place}: ${why}.`, {
      cause: error,
    });
  }
}

/** The last line of what a program complained of. */
function wordsOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said.split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
}
