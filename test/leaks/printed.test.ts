import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leaksIn } from '../../scripts/leaks.ts';

const top = resolve(import.meta.dirname, '../..');
/** Put together here, so that a red test of this file does not print what it looks for. */
const phone = ['2547', '22334455'].join('');
const localPhone = ['07', '22334455'].join('');
const path = `/api/payment/callback/${'0a'.repeat(16)}`;

const printed = suite('S85: what is printed for all to read');

printed('a full phone, a callback path and every secret are seen', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const secrets: readonly [string, RegExp][] = [
    [`"phone":"${phone}"`, /full phone/],
    [`"phone":${phone},`, /full phone/],
    [`call +${phone} today`, /full phone/],
    [`msisdn_${localPhone}`.replace('_', '='), /full phone/],
    [`${localPhone}.`, /full phone/],
    [`POST ${path}`, /callback path/],
    [['simulated', 'passkey'].join('-'), /secret/],
    [base64(['174379simulated', 'passkey20260615'].join('-')), /base64/],
    [base64(['simulated-consumer-key:simulated', 'consumer-secret'].join('-')), /base64/],
    [['simulated', 'password'].join('#'), /initiator/],
    [`authorization: ${['Bearer', 'abcdefghijklmnopqrstuvwx'].join(' ')}`, /bearer/],
    [['operator-token', 'of-the-test'].join('-'), /operator/],
    [`${'A'.repeat(342)}==`, /credential/],
    [['-----BEGIN', 'PRIVATE KEY-----'].join(' '), /private key/],
  ];
  for (const [text, what] of secrets) {
    const leaks = leaksIn(text);
    assert.is(leaks.length, 1, String(what));
    assert.match(leaks[0] ?? '', what);
  }
});

printed('what is masked, hashed or only looks so is no leak', () => {
  const fine = [
    '254712***678',
    'must look like 0712345678, 0112345678 or 254712345678.',
    `${'0'.repeat(27)}12345678${'0'.repeat(29)}`,
    `a${localPhone}b`,
    `0.${localPhone}`,
    `1${phone}`,
    `${phone}9`,
    '/api/payment/callback/…',
    'ws_CO_15062026090005040…',
    'Bearer token',
  ];
  for (const text of fine) assert.equal(leaksIn(text), [], text);
});

printed('a leak is not told by printing it again', () => {
  assert.not.match(leaksIn(`${phone} ${path}`).join(), new RegExp(`${phone}|${path}`));
});

/** Runs the runner over one green test file that also does this. */
async function runnerOver(deed: string): Promise<{ code: number; said: string }> {
  const root = mkdtempSync(join(tmpdir(), 'jirani-leaks-'));
  try {
    symlinkSync(join(top, 'node_modules'), join(root, 'node_modules'));
    mkdirSync(join(root, 'test'));
    const lines = [
      "import { suite } from 'uvu';",
      `import { writeDown } from '${join(top, 'test/support/transcript.ts')}';`,
      "const street = suite('street');",
      `street('is quiet', () => { ${deed} });`,
      "writeDown('');",
      'street.run();',
    ];
    writeFileSync(join(root, 'test/street.test.ts'), lines.join('\n'));
    const words = [join(top, 'scripts/test.ts'), '--suites', root];
    const runner = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    runner.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const [code] = (await once(runner, 'close')) as [number];
    return { code, said };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
const spelled = (text: string): string => JSON.stringify([...text]);

printed('a green test that prints a phone turns the whole run red', async () => {
  const { code, said } = await runnerOver(`console.log(${spelled(phone)}.join(''))`);
  assert.is(code, 1);
  assert.match(said, /✘ leaked by test\/street\.test\.ts: a full phone number/);
  assert.match(said, /1 passed, 1 failed\n$/);
  assert.not.match(said, phone);
});

printed('so does a program whose output only its test reads', async () => {
  const { code, said } = await runnerOver(`writeDown(${spelled(path)}.join(''))`);
  assert.is(code, 1);
  assert.match(said, /✘ leaked by a program of process \d+: a callback path/);
});

printed('and a quiet run stays green', async () => {
  const { code, said } = await runnerOver("console.log('all is well'); writeDown('here too')");
  assert.is(code, 0, said);
  assert.match(said, /\n1 passed, 0 failed\n$/);
});

printed.run();
