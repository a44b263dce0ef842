/** How Node-RED is started: with nothing of the hub's but its own folder, and never longer than its parent lives. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export type Place = {
  /** The package `flows/` with its node_modules. */
  readonly flowsFolder: string;
  /** What the keeper drew; the only folder that Node-RED may write. */
  readonly stateFolder: string;
  readonly port: number;
};

/** A Pi has little memory: small heaps are collected early. */
const heap = ['--max-old-space-size=128', '--max-semi-space-size=2'];

/** Of util-linux, which every Debian has: the kernel ends the child with its parent, even a child in a loop. */
const setpriv = '/usr/bin/setpriv';
const endsWithParent = ['--pdeathsig', 'KILL', '--no-new-privs', '--'];

/** Of coreutils: where processors are short, paying comes before drawing. */
const nice = '/usr/bin/nice';
const afterTheHub = ['-n', '10'];

export type Command = {
  readonly program: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** Where the package lies in a checkout and in an installation. */
export const usualFlowsFolder = join(import.meta.dirname, '../../../flows');

export const isInstalled = (flowsFolder = usualFlowsFolder): boolean =>
  existsSync(join(flowsFolder, 'node_modules/node-red/red.js'));

/** Mends and upgrades the flows before a start. */
export const prepareCommand = (place: Place): Command => ({
  program: process.execPath,
  words: [join(place.flowsFolder, 'prepare.ts')],
  env: environmentOf(place),
});

/**
 * Node's permission model keeps a function node that escapes from its sandbox out of every file but the flows' own,
 * and from starting programs.
 */
export function runCommand(place: Place, isSafe: boolean): Command {
  const { flowsFolder, stateFolder } = place;
  const words = [
    ...heap,
    '--permission',
    `--allow-fs-read=${flowsFolder}`,
    `--allow-fs-read=${stateFolder}`,
    `--allow-fs-write=${stateFolder}`,
    join(flowsFolder, 'node_modules/node-red/red.js'),
    ...['--settings', join(flowsFolder, 'settings.ts')],
    ...(isSafe ? ['--safe'] : []),
  ];
  const wrapped = [
    ...(existsSync(setpriv) ? [setpriv, ...endsWithParent] : []),
    ...(existsSync(nice) ? [nice, ...afterTheHub] : []),
    process.execPath,
    ...words,
  ];
  const [program = process.execPath, ...rest] = wrapped;
  return { program, words: rest, env: environmentOf(place) };
}

/** Never the hub's own environment: it holds the keeper's secrets. */
const environmentOf = ({ stateFolder, port }: Place): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: stateFolder,
  NODE_ENV: 'production',
  MALLOC_ARENA_MAX: '2',
  TZ: 'Africa/Nairobi',
  FLOWS_STATE: stateFolder,
  FLOWS_PORT: String(port),
});
