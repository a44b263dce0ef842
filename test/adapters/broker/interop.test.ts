// needs: mosquitto
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  aBroker,
  aReading,
  aSink,
  aWillingSink,
  connected,
  corner,
  readingTopic,
  until,
} from './given.ts';

const understanding = suite('understanding other programs');
const run = promisify(execFile);

const card = 'jirani/v1/households/h1/card/sun';
const cards = 'jirani/v1/households/#';

const asFlows = (port: number, clientId: string, version: string): string[] => [
  ...['-h', '127.0.0.1', '-p', String(port), '-V', version, '-i', clientId],
  ...['-u', 'flows', '-P', 'secret of flows'],
];

/** mosquitto_sub that has subscribed; `lines` are what it has heard. */
async function mosquittoSub(port: number, version: string, ...options: string[]) {
  const args = [...asFlows(port, 'listener', version), '-t', cards, '-F', '%q%r %p', '-d'];
  const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...args, ...options]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await until(() => output.includes('Subscribed'));
  return {
    lines: () => output.split('\n').filter((line) => /^[012][01] /.test(line)),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

for (const version of ['5', '311', '31']) {
  understanding(`mosquitto ${version}: QoS 0, 1 and 2, retained and not`, async () => {
    await using broker = await aBroker(aSink());
    const pub = (...options: string[]) =>
      run('mosquitto_pub', [...asFlows(broker.port, 'author', version), '-t', card, ...options]);
    await pub('-q', '2', '-r', '-m', 'kept');
    await using sub = await mosquittoSub(broker.port, version, '-q', '2');
    for (const qos of ['0', '1', '2']) await pub('-q', qos, '-m', `at ${qos}`);
    await until(() => sub.lines().length === 4);
    assert.equal(sub.lines(), ['21 kept', '00 at 0', '10 at 1', '20 at 2']);
  });
}

understanding('mosquitto: a will, retained, after its client was killed', async () => {
  await using broker = await aBroker(aSink());
  await using sub = await mosquittoSub(broker.port, '311', '-q', '1');
  const will = ['--will-topic', card, '--will-payload', 'gone', '--will-qos', '1', '--will-retain'];
  const testator = spawn('stdbuf', [
    ...['-oL', 'mosquitto_sub'],
    ...asFlows(broker.port, 'testator', '311'),
    ...['-t', 'jirani/v1/trades/#', '-d', ...will],
  ]);
  await once(testator.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, 100));
  testator.kill('SIGKILL');
  await until(() => sub.lines().length === 1);
  assert.equal(sub.lines(), ['10 gone']);
});

understanding('mosquitto: a remembered client gets what it missed', async () => {
  await using broker = await aBroker(aSink());
  const remembered = ['-c', '-q', '1'];
  {
    await using _once = await mosquittoSub(broker.port, '311', ...remembered);
  }
  for (const word of ['a', 'b']) {
    await run('mosquitto_pub', [
      ...asFlows(broker.port, 'author', '311'),
      ...['-t', card, '-q', '1', '-m', word],
    ]);
  }
  await using again = await mosquittoSub(broker.port, '311', ...remembered);
  await until(() => again.lines().length === 2);
  assert.equal(again.lines(), ['10 a', '10 b']);
});

understanding('mosquitto: a thousand readings from one pipe, each once', async () => {
  using sink = aWillingSink();
  await using broker = await aBroker(sink);
  const args = ['-h', '127.0.0.1', '-p', String(broker.port), '-i', corner, '-u', corner];
  const meter = spawn('mosquitto_pub', [
    ...[...args, '-P', `secret of ${corner}`, '-q', '1', '-t', readingTopic(corner), '-l'],
  ]);
  for (let s = 0; s < 1000; s++) meter.stdin.write(`${aReading(s)}\n`);
  meter.stdin.end();
  const [code] = await once(meter, 'exit');
  assert.is(code, 0);
  assert.equal(
    sink.all.map(({ payload }) => JSON.parse(payload).s),
    Array.from({ length: 1000 }, (_, s) => s),
  );
});

understanding('mqtt.js: readings, QoS 2, retained words, a remembered session', async () => {
  using sink = aWillingSink();
  await using broker = await aBroker(sink);
  await using meter = await connected(broker.port, corner);
  const all = Array.from({ length: 500 }, (_, s) => aReading(s));
  await Promise.all(
    all.map((payload) => meter.publishAsync(readingTopic(corner), payload, { qos: 1 })),
  );
  assert.is(sink.all.length, 500);
  const remembered = { clientId: 'board', clean: false };
  const board = await connected(broker.port, 'flows', remembered);
  await board.subscribeAsync(cards, { qos: 2 });
  await board.endAsync();
  await using author = await connected(broker.port, 'flows', { clientId: 'author' });
  await author.publishAsync(card, 'missed', { qos: 2, retain: true });
  const heard: string[] = [];
  await using again = await connected(broker.port, 'flows', remembered);
  again.on('message', (_topic, payload, { qos }) => heard.push(`${qos} ${payload}`));
  await author.publishAsync(card, 'live', { qos: 2 });
  await until(() => heard.length >= 1);
  assert.ok(heard.includes('2 live'));
});

understanding.run();
