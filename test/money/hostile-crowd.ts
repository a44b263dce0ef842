/**
 * A crowd that throws hostile callbacks at the listener, from a process of its own:
 * `hostile-crowd.ts PORT SECONDS PER_SECOND`. It ends with one JSON line: what it sent and what it heard.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const [port = 0, seconds = 0, perSecond = 0] = process.argv.slice(2).map(Number);
const pathsMost = 1_000;
/** Connections of the crowd at once; who is too many leaves before the newest comes. */
const connectionsMost = 400;
const patienceMs = 3_000;
const turnMs = 5;

const paths = Array.from({ length: pathsMost }, () => randomBytes(16).toString('hex'));
const json = 'content-type: application/json\r\n';
const hello = '{"Body":{"stkCallback":{"ResultCode":0}}}';
const post = (path: string, headers: string, body: string | Buffer, length = body.length) =>
  Buffer.concat([
    Buffer.from(
      `POST /api/payment/callback/${path} HTTP/1.1\r\nhost: hub\r\n${headers}content-length: ${length}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);

/** What each kind of guest says at once; a slow one goes on dripping. */
const guests: readonly ((path: string) => Buffer)[] = [
  (path) => post(path, json, hello),
  (path) => post(path, json, `{"Body":"${'x'.repeat(17 * 1024)}"}`),
  (path) => post(path, json, '{', 1_000_000_000),
  (path) => post(path, json, '['.repeat(8_000)),
  (path) => post(path, json, '{"ResultCode":1032,"ResultCode":0}'),
  (path) => post(path, `${json}content-encoding: gzip\r\n`, gzipSync(hello)),
  (path) => post(path, 'content-type: text/plain\r\n', hello),
  (path) => Buffer.from(`GET /api/payment/callback/${path} HTTP/1.1\r\nhost: hub\r\n\r\n`),
  () => Buffer.from('\u0016\u0003\u0001 no HTTP at all\r\n\r\n'),
  (path) => Buffer.from(`POST /api/payment/callback/${path} HTTP/1.1\r\nhost: hub\r\nx-slow: `),
];
const slow = guests.length - 1;

const heard: Record<string, number> = {};
const count = (what: string): void => {
  heard[what] = (heard[what] ?? 0) + 1;
};
let [sent, open] = [0, 0];

function throwOne(number: number): void {
  const kind = number % guests.length;
  const says = guests[kind]?.(paths[number % pathsMost] ?? '');
  const socket = connect(port, '127.0.0.1');
  open += 1;
  let isAnswered = false;
  const drip = setInterval(() => kind === slow && socket.write('x'), 200);
  const leave = setTimeout(() => socket.destroy(), patienceMs);
  socket.on('connect', () => says && socket.write(says));
  socket.on('data', (chunk) => {
    if (isAnswered) return;
    isAnswered = true;
    count(String(chunk).slice(9, 12));
    socket.end();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(drip);
    clearTimeout(leave);
    open -= 1;
    if (!isAnswered) count('cut');
  });
}

const [began, planned] = [performance.now(), seconds * perSecond];
while (sent < planned) {
  const due = Math.min(planned, ((performance.now() - began) / 1_000) * perSecond);
  while (sent < due && open < connectionsMost) {
    throwOne(sent);
    sent += 1;
  }
  await sleep(turnMs);
}
const tookMs = Math.round(performance.now() - began);
while (open > 0) await sleep(turnMs);
process.stdout.write(`${JSON.stringify({ sent, tookMs, heard })}\n`);
