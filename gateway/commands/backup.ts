/** `backup`: copies of everything that a hub knows, sealed, and proved by restoring them. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { copyElsewhere, forgetOld, newestBackup } from '../adapters/backup/keep-backups.ts';
import type { Config } from '../config.ts';
import { backupName } from '../core/backup-plan.ts';
import { type BackupCheck, backupDirOf, checkBackup, hubNow, makeBackup } from './backup-parts.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { type Json, print } from './hub-api.ts';

type Made = BackupCheck & {
  readonly forgotten: readonly string[];
  readonly copiedTo: string | null;
};

/** Adds `backup FILE`, `backup --nightly`, `backup verify [FILE]` and `backup keys FILE`. */
export function backupCommand(program: Command): void {
  const backup = program
    .command('backup')
    .description('copy books, readings and flows into one sealed file; the hub may run')
    .argument('[file]', 'where to; must not be there yet')
    .option('--nightly', 'into BACKUP_DIR, keep 7 daily and 4 weekly ones, copy to BACKUP_REMOTE')
    .option('--json')
    .action(
      async (file: string | undefined, { nightly = false, json }: Json & { nightly?: boolean }) => {
        const config = configFrom(hubEnvironment());
        if ((file === undefined) === !nightly) throw wrongUse('Name a file, or say --nightly.');
        const made = file === undefined ? await nightlyBackup(config) : await one(config, file);
        tell(made, json);
      },
    );
  backup
    .command('keys <file>')
    .description('copy the keys that no other backup holds; keep it apart from the others')
    .action(async (file: string) => {
      const bytes = await makeBackup(configFrom(hubEnvironment()), 'keys', resolve(file));
      console.log(`${file}: the hub’s own keys and its keystore, sealed, ${bytes} bytes.`);
      console.log(
        'With its passphrase it opens the wallets: keep it where the other backups are not.',
      );
    });
  addVerify(backup);
}

/** Adds `verify [FILE]`, as the weekly timer calls it. */
export const verifyCommand = (program: Command): void => addVerify(program);

function addVerify(under: Command): void {
  under
    .command('verify [file]')
    .description('restore a backup into a folder of its own and look at every page and sum')
    .option('--json')
    .action(async (file: string | undefined, _options: Json, command: Command) => {
      const config = configFrom(hubEnvironment());
      const check = await checkBackup(config, resolve(file ?? newestOf(config)));
      tell({ ...check, forgotten: [], copiedTo: null }, command.optsWithGlobals<Json>().json);
    });
}

const wrongUse = (words: string): CommanderError => {
  console.error(`error: ${words}`);
  return new CommanderError(1, 'jirani.usage', words);
};

function newestOf(config: Config): string {
  const newest = newestBackup(backupDirOf(config));
  if (newest !== undefined) return newest.file;
  throw new Error(`No backup in ${backupDirOf(config)} yet: scripts/hub backup --nightly`);
}

async function one(config: Config, file: string): Promise<Made> {
  await makeBackup(config, 'data', resolve(file));
  return { ...(await checkBackup(config, resolve(file))), forgotten: [], copiedTo: null };
}

/** Old ones go only after the new one has proved that it can be restored. */
async function nightlyBackup(config: Config): Promise<Made> {
  const folder = resolve(backupDirOf(config));
  const file = join(folder, backupName(hubNow(config)));
  if (!existsSync(file)) await makeBackup(config, 'data', file);
  const check = await checkBackup(config, file);
  const isSound = check.problems.length === 0;
  const forgotten = isSound ? forgetOld(folder) : [];
  const { BACKUP_REMOTE: remote } = config;
  if (remote !== undefined) await copyElsewhere(file, remote);
  return { ...check, forgotten, copiedTo: remote ?? null };
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function tell(made: Made, json: boolean | undefined): void {
  print(made, json, ({ file, bytes, label, households, trades, problems, forgotten, copiedTo }) => [
    `${file}: ${megabytes(bytes)}, of ${label.createdAt}`,
    ...(problems.length === 0
      ? [
          `Restored on trial: ${households} households, ${trades} trades, every page sound, both ledgers balance.`,
        ]
      : ['NOT SOUND:', ...problems.map((problem) => `  ${problem}`)]),
    ...(forgotten.length === 0 ? [] : [`Forgotten: ${forgotten.join(', ')}`]),
    ...(copiedTo === null ? [] : [`Copied to ${copiedTo}`]),
  ]);
  if (made.problems.length > 0) process.exitCode = 1;
}
