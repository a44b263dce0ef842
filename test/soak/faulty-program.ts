/** A hub that does something wrong on purpose: the soak must notice it. */
import { openLog } from '../../gateway/adapters/log/pino-log.ts';
import { sayReady, toldToEnd } from '../../gateway/commands/child.ts';
import { configFrom } from '../../gateway/commands/environment.ts';
import { openHub } from '../../gateway/main.ts';
import { faulty } from '../power-cut/faults.ts';

const faults = (process.argv[2] ?? '').split(',');
const ended = toldToEnd();
const config = configFrom(process.env);
const log = openLog({ level: config.HUB_LOG_LEVEL });
await using hub = await openHub({
  ...{ config, log },
  guard: (name, port) => faults.reduce((whole, fault) => faulty(fault, name, whole), port),
  onFatal: () => process.exit(70),
});
const { httpPort, callbackPort, mqttPort } = hub;
sayReady({ httpPort, callbackPort, mqttPort });
await ended;
