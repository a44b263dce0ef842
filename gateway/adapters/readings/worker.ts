/** The thread that owns readings.db. A throw ends it: memory is never ahead of the disk. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWriter, ToWriter, WriterOptions } from './messages.ts';
import { ReadingsFile } from './readings-file.ts';

/** How long the writer rests after the disk said no. */
const diskRetryMs = 1000;

const port = parentPort;
if (port === null) throw new Error('the writer of readings runs as a worker thread');
const file = new ReadingsFile(workerData as WriterOptions);
let retry: NodeJS.Timeout | undefined;
/** Batches are written one after another, though the signatures of one may still be under way. */
let underWay: Promise<void> | undefined;
let sealing: NodeJS.Immediate | undefined;

const say = (message: FromWriter, given: ArrayBuffer[] = []): void =>
  port.postMessage(message, given);

function settle(batch: Extract<ToWriter, { kind: 'batch' }>, forged: Uint8Array | undefined): void {
  const outcome = file.write(batch, forged);
  if ('refused' in outcome) {
    say({ kind: 'refused', code: outcome.refused });
    retry = setTimeout(settle, diskRetryMs, batch, forged);
    return;
  }
  const { bytes, index } = batch;
  const { verdicts, latest } = outcome;
  say({ kind: 'committed', ...outcome, stored: file.stored, bytes, index }, [
    ...[bytes, index.buffer, verdicts.buffer, latest.buffer],
  ]);
}

function take(batch: Extract<ToWriter, { kind: 'batch' }>): void {
  const forged = file.forgedIn(batch);
  if (forged === undefined && underWay === undefined) {
    settle(batch, undefined);
    return;
  }
  const before = underWay ?? Promise.resolve();
  const mine = Promise.all([forged, before]).then(([checked]) => {
    settle(batch, checked);
    if (underWay === mine) underWay = undefined;
  });
  underWay = mine;
}

/** Sealing and forgetting go on in small steps whenever no message waits. */
function goOn(): void {
  sealing = undefined;
  if (file.step()) sealing = setImmediate(goOn);
}

function hear(message: ToWriter): void {
  switch (message.kind) {
    case 'batch':
      take(message);
      break;
    case 'tick':
      file.passTo(message.now, message.mayForget);
      sealing ??= setImmediate(goOn);
      break;
    case 'question':
      answer(message);
      break;
    case 'close':
      clearTimeout(retry);
      clearImmediate(sealing);
      file.close();
      port?.close();
      break;
  }
}

function answer({ id, question }: Extract<ToWriter, { kind: 'question' }>): void {
  try {
    const answered = file.answer(question);
    say({ kind: 'answer', id, answer: answered }, [answered.numbers.buffer]);
  } catch (error) {
    say({ kind: 'no-answer', id, why: error instanceof Error ? error.message : String(error) });
  }
}

port.on('message', hear);
say({ kind: 'ready', latest: file.latest(), stored: file.stored });
