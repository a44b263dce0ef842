// uncounted: it starts whole programs, again and again
// timeout: 400s
/** `doctor` on hubs that run, that stand still, and that somebody has spoilt. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../gateway/commands/doctor.ts';
import type { Finding } from '../../gateway/core/doctor.ts';
import { aHubWithYesterday } from '../backup/a-hub-with-yesterday.ts';
import { aFolder, type Environment, run } from './programs.ts';

/** What the machine of the test is like is not what is tested. */
const ofTheMachine = ['card wear', 'disk', 'memory', 'clock'];

async function examined(
  types: (...words: string[]) => Promise<{ code: number | null; stdout: string; stderr: string }>,
  ...words: string[]
) {
  const { code, stdout, stderr } = await types('doctor', '--json', ...words);
  assert.is(stderr, '');
  const report = JSON.parse(stdout) as Report;
  assert.is(code, report.well ? 0 : 1);
  for (const { verdict, todo, evidence } of report.findings) {
    assert.ok(evidence !== '');
    assert.is(todo === '', verdict === 'ok');
  }
  const of = (subject: string): Finding => {
    const found = report.findings.find((one) => one.subject === subject);
    if (found === undefined) throw new Error(`nothing about ${subject}: ${stdout}`);
    return found;
  };
  const bad = report.findings.filter(
    ({ verdict, subject }) => verdict !== 'ok' && !ofTheMachine.includes(subject),
  );
  return { of, bad: bad.map(({ subject }) => subject), stdout };
}

const examining = suite('the doctor');

examining('finds a running hub well, by real calls, and what is broken then', async () => {
  await using hub = await aHubWithYesterday();
  // A hub tells M-Pesa once that it wants lists; here it may not have had the time yet.
  assert.is((await hub.types('pay', 'reconcile')).code, 0);
  const none = await examined(hub.types);
  assert.equal(none.bad, ['backup']);
  assert.match(none.of('M-Pesa').evidence, /^simulator: signed in, \d+ payments/);
  assert.match(none.of('chain').evidence, /^embedded: finalized height \d+/);
  assert.match(none.of('broker').evidence, /answers a stranger with a no/);
  assert.match(none.of('way of callbacks').evidence, /^static: \d+ steps, all well/);
  assert.match(none.of('advisor').evidence, /^fallback/);
  assert.match(none.of('trial balance').evidence, /: 0 cents$/);
  assert.match(none.of('conservation of energy').evidence, /: 0 Wh$/);

  assert.is((await hub.types('backup', '--nightly')).code, 0);
  const well = await examined(hub.types, '--drill');
  assert.equal(well.bad, []);
  assert.match(well.of('restore drill').evidence, /4 households and 0 trades came back whole/);

  await hub.mpesa.stop();
  await hub.chainGoes();
  const cut = await examined(hub.types);
  assert.is(cut.of('M-Pesa').verdict, 'fail');
  assert.is(cut.of('chain').verdict, 'fail');
  assert.match(cut.of('chain against ledger').evidence, /No node answers/);

  await hub.stop();
  const stopped = await examined(hub.types);
  assert.ok(stopped.bad.includes('hub'));
  assert.is(stopped.of('trial balance').verdict, 'ok');
  for (const secret of ['operator-token-of', 'simulated-consumer', 'simulated-passkey', 'mango'])
    assert.not.ok(`${none.stdout}${cut.stdout}`.includes(secret), secret);

  const dataDir = join(hub.folder, 'data');
  chmodSync(join(dataDir, 'hub-key'), 0o644);
  const db = new Database(join(dataDir, 'books.db'));
  db.exec(
    "DROP TRIGGER IF EXISTS account_moves_with_a_posting; UPDATE account SET balance = balance + 1 WHERE id = 'wallet:kiosk'",
  );
  db.close();
  const spoilt = await examined(hub.types);
  assert.match(spoilt.of('trial balance').evidence, /: 1 cents$/);
  assert.match(spoilt.of('postings').evidence, /wallet:kiosk/);
  const [open] = spoilt.bad.filter((subject) => subject.endsWith('hub-key'));
  assert.match(spoilt.of(open ?? '').evidence, /mode 0644: others can read it/);
  const backup = readFileSync(join(dataDir, 'books.db'));
  writeFileSync(join(dataDir, 'books.db'), backup.fill(7, 8_192, 16_384));
  const broken = await examined(hub.types);
  assert.ok(broken.bad.some((subject) => ['pages of the databases', 'books'].includes(subject)));
});

const alone =
  (env: Environment) =>
  (...words: string[]) =>
    run(words, env);

examining(
  'on an empty folder it says what is missing, and a wrong setting is a finding',
  async () => {
    using folder = aFolder();
    const env = { HUB_DATA_DIR: folder.path, HTTP_PORT: '9' };
    const nothing = await examined(alone(env));
    for (const subject of ['hub', 'books', 'backup', 'passphrase of backups'])
      assert.ok(nothing.bad.includes(subject), subject);
    const { code, stdout } = await run(['doctor', '--json'], {
      ...env,
      HTTP_PORT: 'five',
      TUNNEL: 'bridge',
    });
    assert.is(code, 1);
    const report = JSON.parse(stdout) as Report;
    assert.equal(
      report.findings.map(({ subject, verdict }) => [subject, verdict]),
      [
        ['configuration', 'fail'],
        ['configuration', 'fail'],
      ],
    );
    const misspelt = await examined(alone({ ...env, GEMINI_KEY: 'x' }));
    assert.match(misspelt.of('configuration').evidence, /nobody knows GEMINI_KEY/);
  },
);

examining(
  'production without a SCHEME is refused, with everything else that it lacks',
  async () => {
    using folder = aFolder();
    const env = { HUB_DATA_DIR: folder.path, MPESA_ENVIRONMENT: 'production' };
    const { code, stdout } = await run(['doctor'], env);
    assert.is(code, 1);
    assert.match(stdout, /FAIL configuration: SCHEME: must be chosen before production/);
  },
);

examining('Gemini is asked for one token, and its key is in no answer', async () => {
  using folder = aFolder();
  const asked: { key: string | undefined; body: string }[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      asked.push({ key: String(request.headers['x-goog-api-key']), body });
      response.writeHead(status).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const env = {
    ...{ HUB_DATA_DIR: folder.path, HTTP_PORT: '9', GEMINI_API_KEY: 'a-key-of-google' },
    GEMINI_BASE_URL: `http://127.0.0.1:${port}`,
  };
  const good = await examined(alone(env));
  assert.match(good.of('advisor').evidence, /one token came back/);
  assert.is(asked[0]?.key, 'a-key-of-google');
  assert.match(asked[0]?.body ?? '', /"maxOutputTokens":1/);
  status = 403;
  const bad = await examined(alone(env));
  assert.is(bad.of('advisor').verdict, 'warn');
  assert.match(bad.of('advisor').evidence, /answered 403/);
  assert.not.ok(`${good.stdout}${bad.stdout}`.includes('a-key-of-google'));
  server.close();
});

examining.run();
