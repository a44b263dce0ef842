/** `flows serve`: Node-RED as a unit of its own, under its own user, with the watch that it has beside a hub. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { openLog } from '../adapters/log/pino-log.ts';
import { usualFlowsFolder } from '../adapters/node-red/command.ts';
import { openNodeRed } from '../adapters/node-red/open-node-red.ts';
import type { FlowsAccess } from '../adapters/node-red/prepare-flows.ts';
import { openWatchman } from '../adapters/systemd/open-watchman.ts';
import { usualPorts } from '../config.ts';
import { toldToEnd } from './child.ts';

/** Adds `flows serve`. */
export function flowsCommand(program: Command): void {
  program
    .command('flows')
    .description('Node-RED beside the hub')
    .command('serve')
    .description('run Node-RED as a unit of its own, with what the hub has written for it')
    .action(serve);
}

const words = z.string().min(1);
const access = z.object({
  hub: z.object({
    mqttUrl: words,
    username: words,
    password: words,
    apiUrl: words,
    apiToken: words,
  }),
  editorPassword: words,
});

async function serve(): Promise<void> {
  const watchman = openWatchman(process.env);
  const stateFolder = process.env['FLOWS_STATE'];
  if (stateFolder === undefined) throw new Error('FLOWS_STATE must name a folder');
  const log = openLog({ level: 'info' });
  await using nodeRed = openNodeRed({
    flowsFolder: usualFlowsFolder,
    stateFolder,
    port: Number(process.env['NODE_RED_PORT'] ?? usualPorts.NODE_RED_PORT),
    access: givenAccess(),
    log,
  });
  // Node-RED itself is watched here; systemd watches the watcher.
  using _watched = watchman.watch({});
  await watchman.ready();
  await toldToEnd();
  await watchman.stopping();
  log.info('the flows are closing', { starts: nodeRed.starts() });
}

/** Systemd's credential: the flows' user may not enter the hub's folder. */
function givenAccess(): FlowsAccess {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  if (folder === undefined)
    throw new Error('flows serve is for the unit jirani-node-red: it needs its credentials');
  return access.parse(JSON.parse(readFileSync(join(folder, 'flows-access'), 'utf8')));
}
