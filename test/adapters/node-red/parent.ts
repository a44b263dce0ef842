/** A hub of nothing but Node-RED, to be killed: says the child's id once flows run in a loop. */
import { openNodeRed } from '../../../gateway/adapters/node-red/open-node-red.ts';
import { flowsFolder } from './given-node-red.ts';

const [stateFolder = '', port = '0'] = process.argv.slice(2);
const nodeRed = openNodeRed({
  ...{ flowsFolder, stateFolder, port: Number(port) },
  access: {
    hub: {
      ...{ mqttUrl: 'mqtt://127.0.0.1:1', username: 'a', password: 'b' },
      ...{ apiUrl: 'http://127.0.0.1:1', apiToken: 'c' },
    },
    editorPassword: 'for nobody',
  },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  // As patient as a hub is while Node-RED starts: the loop is not noticed before the parent is gone.
  patience: { startMs: 600_000 },
});
setInterval(() => {
  if (nodeRed.pid() !== undefined) process.send?.({ pid: nodeRed.pid() });
}, 100);
