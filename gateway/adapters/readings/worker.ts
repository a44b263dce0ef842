/** The thread that owns readings.db. A throw ends it: memory is never ahead of the disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { BatchWriter } from './batch-writer.ts';
import { diskProblemOf } from './disk-problem.ts';
import type { FromWriter, ToWriter, WriterOptions } from './messages.ts';
import { openDatabase } from './open-database.ts';

/** How long the writer rests after the disk said no. */
const diskRetryMs = 1000;

const port = parentPort;
if (port === null) throw new Error('the writer of readings runs as a worker thread');
const options = workerData as WriterOptions;
const db = openDatabase(options.file, options.fileBytesMax);
const writer = new BatchWriter(db);
let retry: NodeJS.Timeout | undefined;

const say = (message: FromWriter, given: ArrayBuffer[] = []) => port.postMessage(message, given);

function write(batch: Extract<ToWriter, { kind: 'batch' }>): void {
  try {
    const outcome = writer.write(batch.buffer, batch.used);
    const { buffer } = batch;
    say({ kind: 'committed', ...outcome, counts: writer.counts(), buffer }, [buffer]);
  } catch (error) {
    const code = diskProblemOf(error);
    if (code === undefined) throw error;
    say({ kind: 'refused', code });
    retry = setTimeout(write, diskRetryMs, batch);
  }
}

port.on('message', (message: ToWriter) => {
  if (message.kind === 'batch') {
    write(message);
    return;
  }
  clearTimeout(retry);
  db.close();
  port.close();
});
say({ kind: 'ready', latest: writer.latest(), counts: writer.counts() });
