/** Builds the firmware's programs for this computer and runs them. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

export const firmwareFolder = resolve(import.meta.dirname, '../../firmware');

/** Numbers of `PlantedFault` in firmware/core/include/jirani/planted_fault.h. */
export type MakeWishes = { readonly fault?: number; readonly sanitize?: boolean };

/** What a failing build may say here, in characters; the end of it tells why. */
const saidMax = 3_000;

/** Builds one program as `firmware/make` does and answers where it is. */
export function makeFirmware(program: string, { fault = 0, sanitize = false }: MakeWishes = {}) {
  const words = [program, '--fault', String(fault), ...(sanitize ? ['--sanitize'] : [])];
  const made = run(join(firmwareFolder, 'make'), words);
  if (made.status !== 0)
    throw new Error(`${program} was not built:\n${made.stderr.slice(-saidMax)}`);
  return made.stdout.trimEnd().split('\n').at(-1) ?? '';
}

/** Runs a program to its end; the environment of the tests is its own. */
export function run(program: string, words: readonly string[] = []): SpawnSyncReturns<string> {
  const ended = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  if (ended.error !== undefined) throw ended.error;
  return ended;
}
