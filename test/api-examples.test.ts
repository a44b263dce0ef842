// uncounted: it starts whole programs, again and again
// timeout: 300s
// needs: curl
/** Pastes every example of the documents into a running neighbourhood, as a reader does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDemo, answer, operatorToken, type RunningDemo, type Trade } from './commands/a-demo.ts';
import { aFolder, until } from './commands/programs.ts';

const top = join(import.meta.dirname, '..');
/** Slow enough that a phone still rings when an order is answered, however busy this machine is. */
const slowly = ['--speed', '10'];
const examplesLeast = 10;

type Example = { readonly line: number; readonly command: string; readonly answer: unknown };

/** The `sh` blocks that call the API, each with the `json` block that follows it. */
function examplesIn(file: string): Example[] {
  const path = join(top, file);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\s*```json\n([\s\S]*?)^```)?/gm)]
    .filter(([, command]) => command?.includes('curl '))
    .map(({ 1: command = '', 2: json, index }) => ({
      line: page.slice(0, index).split('\n').length,
      command,
      answer: json === undefined ? undefined : JSON.parse(json),
    }));
}

const wildcard = '…';

/** Where the answer differs from what the page shows; the wildcards are explained in docs/api.md. */
function differences(shown: unknown, got: unknown, at: string): string[] {
  if (shown === wildcard) return got === undefined ? [`${at} is missing`] : [];
  if (typeof shown === 'string' && shown.includes(wildcard)) {
    const parts = shown.split(wildcard).map((part) => part.replace(/[^\w ]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}$`);
    return typeof got === 'string' && pattern.test(got) ? [] : [`${at}: ${got} is not ${shown}`];
  }
  if (Array.isArray(shown)) return differencesInList(shown, got, at);
  if (typeof shown === 'object' && shown !== null) return differencesInObject(shown, got, at);
  return shown === got ? [] : [`${at}: ${JSON.stringify(got)} is not ${JSON.stringify(shown)}`];
}

function differencesInList(shown: readonly unknown[], got: unknown, at: string): string[] {
  if (!Array.isArray(got)) return [`${at} is no list`];
  const open = shown.at(-1) === wildcard;
  const known = open ? shown.slice(0, -1) : shown;
  if (open ? got.length < known.length : got.length !== known.length)
    return [`${at} has ${got.length} elements`];
  return known.flatMap((each, index) => differences(each, got[index], `${at}[${index}]`));
}

function differencesInObject(shown: object, got: unknown, at: string): string[] {
  if (typeof got !== 'object' || got === null) return [`${at} is no object`];
  const [wanted, there] = [new Map(Object.entries(shown)), new Map(Object.entries(got))];
  const names = new Set([...wanted.keys(), ...there.keys()]);
  return [...names].flatMap((name) =>
    wanted.has(name)
      ? differences(wanted.get(name), there.get(name), `${at}.${name}`)
      : [`${at}.${name} is not shown`],
  );
}

/** What the shell prints when a reader pastes the example, with this demo's address. */
async function paste(demo: RunningDemo, token: string, command: string): Promise<string> {
  const here = command.replaceAll('http://127.0.0.1:5000', demo.url);
  const shell = spawn('sh', ['-euc', here], {
    env: { PATH: process.env['PATH'] ?? '', HUB_OPERATOR_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
  assert.is(code, 0, `${command} ended with ${code}`);
  return said;
}

async function pasteAll(demo: RunningDemo, token: string, file: string): Promise<number> {
  const examples = examplesIn(file);
  for (const { line, command, answer: shown } of examples) {
    const said = await paste(demo, token, command);
    const at = `${file}:${line}`;
    if (shown !== undefined) assert.equal(differences(shown, JSON.parse(said), at), [], at);
  }
  return examples.length;
}

async function aReadyDemo(dataDir: string): Promise<RunningDemo> {
  const demo = await aDemo(dataDir, slowly);
  await until('the hub is ready', () => demo.api('/health/ready').catch(() => undefined));
  return demo;
}

const examples = suite('examples that can be pasted');

examples('an example is compared to the letter, but for what it leaves open', () => {
  const same = (shown: unknown, got: unknown) => differences(shown, got, 'x').length === 0;
  assert.ok(same({ a: 'ws_CO_…', b: '…', c: [1, '…'] }, { a: 'ws_CO_1', b: null, c: [1, 2, 3] }));
  assert.not.ok(same({ a: 'ws_CO_…' }, { a: 'other' }));
  assert.not.ok(same({ a: '…' }, {}));
  assert.not.ok(same({}, { a: 1 }));
  assert.not.ok(same([1], [1, 2]));
  assert.not.ok(same([1, 2, '…'], [1]));
  assert.not.ok(same('1.0 KES', '1x0 KES'));
});

examples('those of the README', async () => {
  using folder = aFolder();
  await using demo = await aReadyDemo(folder.path);
  await pasteAll(demo, operatorToken(folder.path), 'README.md');
});

type Payment = { readonly status: string; readonly receipt: string | null };
const order = { type: 'BUY', amount: 2.5, price: 12.0 };
const people = { phone: '254708374149', seller_phone: '254700123456' };

examples('those of the API page, whose order is paid and delivered', async () => {
  using folder = aFolder();
  await using demo = await aReadyDemo(folder.path);
  const token = operatorToken(folder.path);
  assert.ok((await pasteAll(demo, token, 'docs/api.md')) >= examplesLeast);

  const asked = await fetch(`${demo.url}/api/execute_trade`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': 'api-page-1',
    },
    body: JSON.stringify({ ...order, ...people }),
  });
  assert.is(asked.status, 202);
  const { trade, payment } = (await asked.json()) as { trade: Trade; payment: { tx_id: string } };
  assert.match(payment.tx_id, /^ws_CO_\d+$/);
  const paid = await until('the payment is completed', async () => {
    const now = await demo.api<Payment>(`/api/payment/status/${payment.tx_id}`);
    return now.status === 'completed' && now.receipt !== null && now;
  });
  const payments =
    await demo.control<{ receipt: string; amountCents: number }[]>('/mpesa/payments');
  const taken = payments.find(({ receipt }) => receipt === paid.receipt);
  assert.is(taken?.amountCents, 3000);
  const closed = await until('the trade is closed', async () => {
    const now = await demo.api<Trade>(`/api/trades/${trade.id}`);
    return now.state === 'closed' && now;
  });
  assert.equal([closed.energyWh, closed.amountCents], [2500, 3000]);
  const { paths } = await answer<{ paths: Record<string, unknown> }>(
    `${demo.url}/api/openapi.json`,
  );
  assert.ok(Object.hasOwn(paths, '/api/execute_trade'));
});

examples.run();
