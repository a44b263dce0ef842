/** Which backups stay: the newest of each of the last days and weeks that have one. */
import { dayOf } from './slot.ts';
import { type EpochMs, epochMs } from './units.ts';

/** Days and weeks that have no backup are not counted, so that a hub which was away for a month loses none. */
export const [dailyBackupsMost, weeklyBackupsMost] = [7, 4];
const daysOfWeek = 7;

export type BackupName = { readonly name: string; readonly at: EpochMs };

const nameForm = /^jirani-(\d{4}-\d{2}-\d{2})T(\d{2})(\d{2})(\d{2})Z\.backup$/;

/** `jirani-2026-11-25T233012Z.backup`: sorts by time, and no file system objects to it. */
export const backupName = (at: EpochMs): string =>
  `jirani-${new Date(at)
    .toISOString()
    .slice(0, 19)
    .replaceAll(/(?<=T.*):/g, '')}Z.backup`;

/** Undefined for every other file: what is not named by us is not ours to delete. */
export function readBackupName(name: string): BackupName | undefined {
  const [, day, hour, minute, second] = nameForm.exec(name) ?? [];
  const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : { name, at: epochMs(at) };
}

/** What may be deleted of these, oldest first. The newest of all always stays. */
export function backupsToForget(names: readonly string[]): string[] {
  const ours = names.flatMap((name) => readBackupName(name) ?? []);
  const newestFirst = ours.sort((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1));
  const kept = new Set([
    ...newestOf(newestFirst, ({ at }) => dayOf(at), dailyBackupsMost),
    ...newestOf(newestFirst, ({ at }) => weekOf(at), weeklyBackupsMost),
  ]);
  return newestFirst
    .map(({ name }) => name)
    .filter((name) => !kept.has(name))
    .reverse();
}

/** Weeks begin on Monday; the first day of 1970 was a Thursday. */
const weekOf = (at: EpochMs): number => Math.floor((dayOf(at) + 3) / daysOfWeek);

function newestOf(
  newestFirst: readonly BackupName[],
  spanOf: (one: BackupName) => number,
  most: number,
): string[] {
  const found = new Map<number, string>();
  for (const one of newestFirst)
    if (found.size < most && !found.has(spanOf(one))) found.set(spanOf(one), one.name);
  return [...found.values()];
}
