/** A hub with nothing but broker and readings, to be killed. usage: kill-target.ts FILE COMMIT_MS */
import { opened } from '../readings/given.ts';
import { aBroker } from './given.ts';

const [, , file = '', commitMs = '20'] = process.argv;
const readings = await opened(file, { commitMs: Number(commitMs) });
const broker = await aBroker(readings);
process.stdout.write(`${broker.port}\n`);
