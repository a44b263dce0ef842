// uncounted: it starts whole programs, again and again
/** The simulated M-Pesa alone, as `start` runs it beside a hub without credentials. */
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedMpesa } from '../../gateway/commands/simulated-mpesa.ts';
import { answer } from './a-demo.ts';
import { aFolder, begin, run } from './programs.ts';

const serving = suite('serving the simulated M-Pesa');

/** The first name that it gives: an access token. */
async function firstName(dataDir: string, ...words: string[]): Promise<string> {
  await using mpesa = begin(['mpesa', 'serve', '--port', '0', '--data-dir', dataDir, ...words]);
  const [, url, control] = await mpesa.says(/simulated M-Pesa: (http:\S+); control: (http:\S+)/);
  assert.equal(await answer(`${control}/mpesa/payments`), []);
  const { consumerKey, consumerSecret } = simulatedMpesa;
  const authorization = `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`;
  const { access_token } = await answer<{ access_token: string }>(
    `${url}/oauth/v1/generate?grant_type=client_credentials`,
    { headers: { authorization } },
  );
  mpesa.signal('SIGINT');
  assert.is((await mpesa.ended).code, 0);
  return access_token;
}

serving('never gives the same names again, unless it is told its seed', async () => {
  using folder = aFolder();
  const names = [await firstName(folder.path), await firstName(folder.path)];
  assert.is.not(names[0], names[1]);
  const seeded = ['--seed', '7'];
  assert.is(await firstName(folder.path, ...seeded), await firstName(folder.path, ...seeded));
  assert.ok(statSync(join(folder.path, 'mpesa-simulator.pem')).isFile());
});

serving('tells a program all that it needs in one line', async () => {
  using folder = aFolder();
  const words = ['--port', '0', '--json', '--seed', '7', '--faults', '42', '--data-dir'];
  await using mpesa = begin(['mpesa', 'serve', ...words, folder.path]);
  await mpesa.says(/^\{.*\}$/m);
  const told = JSON.parse(mpesa.stdout());
  for (const [name, value] of Object.entries(simulatedMpesa)) assert.is(told[name], value);
  assert.equal([told.seed, told.faultSeed], [7, 42]);
  assert.match(told.baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await answer(`${told.controlUrl}/mpesa/prompts`), []);
  const certificate = new X509Certificate(readFileSync(told.certificatePath));
  const key = certificate.publicKey.export({ type: 'spki', format: 'pem' });
  assert.is(key, readFileSync(told.publicKeyPath, 'utf8'));
  assert.ok(certificate.verify(certificate.publicKey));
});

serving('stands still on a virtual clock until it is moved', async () => {
  using folder = aFolder();
  const start = ['--virtual-clock', '2026-11-23T13:55:01+03:00'];
  const words = ['--port', '0', ...start, '--data-dir', folder.path];
  await using mpesa = begin(['mpesa', 'serve', ...words]);
  const [, control] = await mpesa.says(/control: (http:\S+)/);
  const clock = `${control}/mpesa/clock`;
  const startMs = Date.parse('2026-11-23T10:55:01Z');
  assert.equal(await answer(clock), { nowMs: startMs });
  const post = { method: 'POST', body: '{"advanceMs":90000}' };
  assert.equal(await answer(clock, post), { nowMs: startMs + 90_000 });
});

const productions = [
  [['--environment', 'production'], {}],
  [['--environment', 'my-prod'], {}],
  [[], { MPESA_ENVIRONMENT: 'production' }],
] as const;
serving('never runs where production is meant', async () => {
  using folder = aFolder();
  const serve = ['mpesa', 'serve', '--port', '0', '--data-dir', join(folder.path, 'data')];
  const all = productions.map(([words, env]) => run([...serve, ...words], env));
  for (const { code, stderr } of await Promise.all(all)) {
    assert.is(code, 1);
    assert.match(stderr, 'never runs where production is meant');
  }
  assert.equal(readdirSync(folder.path), []);
});

serving('knows no fault that it has not got', async () => {
  using folder = aFolder();
  const serve = ['mpesa', 'serve', '--port', '0', '--faults', '1', '--data-dir', folder.path];
  const wrong = ['callbackGone=0.1', 'callbackLost=2', 'callbackLost'];
  const all = wrong.map((rates) => run([...serve, '--fault-rates', rates]));
  for (const { code } of await Promise.all(all)) assert.is(code, 2);
});

serving.run();
