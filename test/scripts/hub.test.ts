/** Starts `scripts/hub` on small checkouts, with an npm and a system Node of our own making. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const top = resolve(import.meta.dirname, '../..');
const tools = [
  'cat',
  'cksum',
  'dirname',
  'flock',
  'ln',
  'mkdir',
  'readlink',
  'rm',
  'sh',
  'sleep',
  'uname',
];

/** Does what `npm ci` does, and writes down when. */
const npm = `#!/bin/sh
echo "begin $*" >>npm.log
echo 'npm speaks'
rm -rf node_modules
sleep "\${NPM_SECONDS:-0}"
[ -z "\${NPM_FAILS:-}" ] || exit 1
mkdir -p node_modules/.bin
[ -n "\${NO_PINNED:-}" ] || ln -s '${process.execPath}' node_modules/.bin/node
echo end >>npm.log
`;

const cli = `
const [word, code] = process.argv.slice(2);
if (word === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1_000);
}
console.log(JSON.stringify({ word, cwd: process.cwd(), cache: process.env['NODE_COMPILE_CACHE'] }));
process.exitCode = Number(code ?? 0);
`;

/** A checkout without packages, beside a folder with all the programs that its scripts find. */
function aCheckout(systemNode = 'v20.20.2') {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'jirani-hub-')));
  const checkout = join(home, 'my checkout');
  const programs = join(home, 'programs');
  for (const folder of [join(checkout, 'gateway'), join(checkout, 'scripts'), programs])
    mkdirSync(folder, { recursive: true });
  for (const name of ['hub', 'test', 'prepare.sh'])
    cpSync(join(top, 'scripts', name), join(checkout, 'scripts', name));
  writeFileSync(join(checkout, 'gateway/cli.ts'), cli);
  writeFileSync(join(checkout, 'package-lock.json'), '{}');
  for (const tool of tools) {
    const found = ['/usr/bin', '/bin'].map((folder) => join(folder, tool)).find(existsSync);
    if (found !== undefined) symlinkSync(found, join(programs, tool));
  }
  writeFileSync(join(programs, 'npm'), npm, { mode: 0o755 });
  if (systemNode !== '')
    writeFileSync(join(programs, 'node'), `#!/bin/sh\necho ${systemNode}\n`, { mode: 0o755 });

  const start = (words: readonly string[], env: NodeJS.ProcessEnv = {}, script = 'hub') =>
    spawn(join(checkout, 'scripts', script), words, {
      cwd: home,
      // Node hands its own NODE_V8_COVERAGE to every child that is not told otherwise.
      env: { PATH: programs, NODE_V8_COVERAGE: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    home,
    checkout,
    start,
    run: (words: readonly string[], env?: NodeJS.ProcessEnv, script?: string) =>
      endOf(start(words, env, script)),
    npmLog: () => readFileSync(join(checkout, 'npm.log'), 'utf8').trim().split('\n'),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

async function endOf(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; !is(); tries++) {
    if (tries > 500) throw new Error('waited in vain');
    await sleep(20);
  }
}

const ciLine =
  'begin ci --ignore-scripts --include=optional --include=dev --no-audit --no-fund --no-update-notifier --no-engine-strict --loglevel=error';

const hub = suite('starting the hub from a checkout');

hub('installs what is missing, and keeps stdout for the command', async () => {
  using a = aCheckout();
  const { code, stdout, stderr } = await a.run(['hello', '3']);
  assert.is(code, 3);
  assert.equal(JSON.parse(stdout), {
    word: 'hello',
    cwd: a.home,
    cache: join(a.checkout, 'node_modules/.cache/compiled'),
  });
  assert.match(stderr, /installing the packages/);
  assert.match(stderr, /npm speaks/);
  assert.equal(a.npmLog(), [ciLine, 'end']);
});

hub('installs again only when the lock file has changed', async () => {
  using a = aCheckout();
  await a.run(['hello']);
  const again = await a.run(['hello']);
  assert.is(again.stderr, '');
  assert.is(a.npmLog().length, 2);
  writeFileSync(join(a.checkout, 'package-lock.json'), '{"changed":true}');
  await a.run(['hello']);
  assert.is(a.npmLog().length, 4);
});

hub('installs again after an installation that failed', async () => {
  using a = aCheckout();
  const failed = await a.run(['hello'], { NPM_FAILS: 'yes' });
  assert.is(failed.code, 1);
  assert.is(failed.stdout, '');
  assert.match(failed.stderr, /npm ci failed/);
  assert.is((await a.run(['hello'])).code, 0);
});

hub('installs once when two start at once', async () => {
  using a = aCheckout();
  const slow = { NPM_SECONDS: '0.5' };
  const both = await Promise.all([a.run(['one'], slow), a.run(['two'], slow)]);
  assert.equal(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.equal(a.npmLog(), [ciLine, 'end']);
});

hub('waits for the npm of a start that was killed, then installs anew', async () => {
  using a = aCheckout();
  const killed = a.start(['hello'], { NPM_SECONDS: '0.7' });
  await until(() => existsSync(join(a.checkout, 'npm.log')));
  killed.kill('SIGKILL');
  const { code, stderr } = await a.run(['hello']);
  assert.is(code, 0);
  assert.match(stderr, /waiting for an installation/);
  assert.equal(a.npmLog(), [ciLine, 'end', ciLine, 'end']);
});

hub('does not keep others from installing while it runs', async () => {
  using a = aCheckout();
  const running = a.start(['wait']);
  await once(running.stdout, 'data');
  writeFileSync(join(a.checkout, 'package-lock.json'), '{"changed":true}');
  const second = await a.run(['hello']);
  running.kill('SIGKILL');
  assert.is(second.code, 0);
});

hub('hands signals and the exit code straight through', async () => {
  using a = aCheckout();
  const child = a.start(['wait']);
  const end = endOf(child);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.is((await end).code, 7);
});

hub('works through a symlink', async () => {
  using a = aCheckout();
  symlinkSync('my checkout/scripts/hub', join(a.home, 'jirani'));
  const child = spawn(join(a.home, 'jirani'), ['hello'], {
    cwd: '/',
    env: { PATH: join(a.home, 'programs') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.is(JSON.parse((await endOf(child)).stdout).cwd, '/');
});

hub('leaves the cache of compiled modules out under coverage', async () => {
  using a = aCheckout();
  const { stdout } = await a.run(['hello'], { NODE_V8_COVERAGE: join(a.home, 'coverage') });
  assert.is(JSON.parse(stdout).cache, undefined);
});

hub('says what to install when there is no npm, or Node is too old for it', async () => {
  using none = aCheckout('');
  rmSync(join(none.home, 'programs/npm'));
  const without = await none.run(['hello']);
  assert.is(without.code, 1);
  assert.match(without.stderr, /node and npm are needed/);

  using old = aCheckout('v18.19.0');
  const tooOld = await old.run(['hello']);
  assert.is(tooOld.code, 1);
  assert.match(tooOld.stderr, /node v18.19.0 is too old/);
});

hub('takes a system Node where there is no pinned one, but only a new one', async () => {
  using old = aCheckout('v22.1.0');
  const refused = await old.run(['hello'], { NO_PINNED: 'yes' });
  assert.is(refused.code, 1);
  assert.match(refused.stderr, /pinned Node 24 does not run .* the system has v22.1.0/);

  using young = aCheckout('v24.0.1');
  const taken = await young.run(['hello'], { NO_PINNED: 'yes' });
  assert.is(taken.stdout, 'v24.0.1\n');
});

hub('ends the tests with a count even when nothing could be installed', async () => {
  using a = aCheckout();
  const { code, stdout } = await a.run([], { NPM_FAILS: 'yes' }, 'test');
  assert.is(code, 1);
  assert.is(stdout, '0 passed, 1 failed\n');
});

hub.run();
