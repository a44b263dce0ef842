/** `setup`: a hub from nothing to its first households, by questions or from a file; can be run again at any time. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { refuseSecondHub } from '../adapters/lock/one-hub.ts';
import { examine, reportLines } from './doctor.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { type Answers, readAnswers } from './setup-answers.ts';
import {
  enrolAll,
  makeKeys,
  makePassphrases,
  settingsFile,
  settingsOf,
  tryMpesa,
  writeSettings,
} from './setup-deeds.ts';
import { askEverything, openTalk } from './setup-questions.ts';

/** Adds `setup [--answers FILE]`. */
export function setupCommand(program: Command): void {
  program
    .command('setup')
    .description('name the hub, find its place, test its keys, enrol the first households')
    .option('--answers <file>', 'JSON of mode 0600 instead of questions; docs/operations.md')
    .action(async ({ answers }: { answers?: string }) => {
      const before = hubEnvironment();
      // Another hub on this folder would go on with other settings than those that were just tested.
      const lock = join(configFrom(before).HUB_DATA_DIR, 'hub.lock');
      if (existsSync(lock)) refuseSecondHub(lock);
      await setUp(answers === undefined ? await gather(before) : readAnswers(answers), before);
      const report = await examine(false);
      for (const line of reportLines(report)) console.log(line);
      console.log('What to do next: scripts/hub start, then scripts/hub doctor again.');
    });
}

type Known = Record<string, string | undefined>;

async function gather(known: Known): Promise<Answers> {
  using talk = openTalk();
  return await askEverything(talk, known);
}

/** Nothing is written before everything has been read, and M-Pesa has not refused the keys. */
async function setUp(answers: Answers, before: Known): Promise<void> {
  const say = (line: string): void => console.log(line);
  const settings = settingsOf(answers);
  await tryMpesa(configFrom({ ...before, ...settings }), say);
  const file = settingsFile();
  const written = filled(before);
  const all = { ...settings, ...makePassphrases(file, answers, written) };
  writeSettings(file, all);
  say(`${Object.keys(all).length} settings are in ${file}, which only you can read.`);
  const { county } = answers;
  if (county !== undefined)
    say(
      `${county.name} lies at ${county.latitude}, ${county.longitude}: that is where its sun is.`,
    );
  const config = configFrom({ ...before, ...all });
  mkdirSync(config.HUB_DATA_DIR, { recursive: true, mode: 0o700 });
  makeKeys(config, say);
  enrolAll(config, answers.households ?? [], say);
}

const filled = (known: Known): Record<string, string> =>
  Object.fromEntries(
    Object.entries(known).filter((one): one is [string, string] => one[1] !== undefined),
  );
