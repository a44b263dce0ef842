/** Plants test files with every fault that uvu 0.5.6 forgives, and sees the runner refuse each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const top = resolve(import.meta.dirname, '../..');

type Answer = { readonly code: number; readonly lines: readonly string[]; readonly last: string };

/** Runs the runner over a folder that holds just these files. */
async function runnerOn(
  files: Readonly<Record<string, string>>,
  { words = [] as readonly string[], env = {} as NodeJS.ProcessEnv } = {},
): Promise<Answer> {
  const root = mkdtempSync(join(tmpdir(), 'jirani-runner-'));
  try {
    symlinkSync(join(top, 'node_modules'), join(root, 'node_modules'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(root, 'test', dirname(name)), { recursive: true });
      writeFileSync(join(root, 'test', name), text);
    }
    const runner = spawn(
      process.execPath,
      [join(top, 'scripts/test.ts'), '--suites', root, ...words],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    runner.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const [code] = (await once(runner, 'close')) as [number];
    const lines = said.trimEnd().split('\n');
    return { code, lines, last: lines.at(-1) ?? '' };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A test file about a street of three houses; `lines` come before its `run()`. */
const street = (...lines: readonly string[]): string =>
  [
    "import { suite } from 'uvu';",
    "import * as assert from 'uvu/assert';",
    "const street = suite('street');",
    "street('has a corner house', () => assert.ok(true));",
    ...lines,
    "street('has a kiosk', () => assert.ok(true));",
    'street.run();',
    '',
  ].join('\n');

const isRed = (
  { code, lines, last }: Answer,
  passed: number,
  failed: number,
  why: RegExp,
): void => {
  assert.is(last, `${passed} passed, ${failed} failed`);
  assert.is(code, 1);
  assert.ok(
    lines.some((line) => line.startsWith('   ✘ ') && why.test(line)),
    `nothing like ${why} in:\n${lines.join('\n')}`,
  );
};

/** The street with one more line is red. */
const isRedWith = async (line: string, passed: number, failed: number, why: RegExp) =>
  isRed(await runnerOn({ 'street.test.ts': street(line) }), passed, failed, why);

const runner = suite('what the test runner believes');

runner('believes a good file', async () => {
  const { code, lines, last } = await runnerOn({
    'street.test.ts': street(),
    'a/b.test.ts': street(),
  });
  assert.is(last, '4 passed, 0 failed');
  assert.is(code, 0);
  assert.ok(lines.some((line) => /^✔ {2}test\/a\/b\.test\.ts {2}2\/2 {2}\d+ ms$/.test(line)));
});

runner('does not believe a failing test', () =>
  isRedWith("street('rains', () => assert.ok(false));", 2, 1, /1 of 3 tests did not pass/),
);

runner('does not believe a file whose before throws', () =>
  isRedWith("street.before(() => { throw new Error('no'); });", 0, 2, /2 of 2 tests did not pass/),
);

runner('does not believe a file whose after throws', () =>
  isRedWith("street.after(() => { throw new Error('no'); });", 0, 1, /no summary/),
);

runner('does not believe a file whose before.each throws', () =>
  isRedWith("street.before.each(() => { throw new Error('no'); });", 0, 2, /2 of 2 tests did not/),
);

runner('does not believe a file whose after.each throws', () =>
  isRedWith("street.after.each(() => { throw new Error('no'); });", 0, 2, /2 of 2 tests did not/),
);

runner('does not believe a test that throws a string', () =>
  isRedWith("street('rains', () => { throw 'rain'; });", 1, 2, /2 of 3 tests did not pass/),
);

runner('does not believe a file that forgot to run', async () => {
  const forgotten = street().replace('street.run();', '');
  isRed(await runnerOn({ 'street.test.ts': forgotten }), 0, 1, /no summary/);
});

runner('does not believe a file that runs only one of its two suites', () =>
  isRedWith(
    "const lane = suite('lane');\nlane('is dark', () => assert.ok(false));",
    2,
    1,
    /2 suites written .*, 1 reported/,
  ),
);

runner('does not believe a file without a test', async () => {
  const empty = street().replaceAll(/^street\('.*\n/gm, '');
  isRed(await runnerOn({ 'street.test.ts': empty }), 0, 1, /no test ran/);
});

runner('does not believe .only', () =>
  isRedWith("street.only('rains', () => assert.ok(true));", 1, 1, /\.only and \.skip hide tests/),
);

runner('does not believe .skip', () =>
  isRedWith("street.skip('rains', () => assert.ok(true));", 2, 1, /\.only and \.skip hide tests/),
);

runner('does not believe a file that leaves early with 0', async () => {
  await isRedWith("street('leaves', () => process.exit(0));", 0, 1, /no summary/);
  await isRedWith('process.exit(0);', 0, 1, /no summary/);
});

runner('does not believe a file that breaks a promise after its tests', () =>
  isRedWith("setTimeout(() => Promise.reject(new Error('late')), 200);", 2, 1, /ended with 1/),
);

runner('does not believe a file that does not load', () =>
  isRedWith("await import('./nowhere.ts');", 0, 1, /no summary/),
);

runner('does not wait for ever for a test that hangs', async () => {
  const hanging = street("street('waits', () => new Promise((r) => setTimeout(r, 60_000)));");
  const answer = await runnerOn({ 'street.test.ts': `// timeout: 1s\n${hanging}` });
  isRed(answer, 0, 1, /did not end within 1 s/);
});

runner('does not believe a test that nobody will ever settle', () =>
  isRedWith("street('waits', () => new Promise(() => {}));", 0, 1, /no summary/),
);

runner('does not believe a file that leaves something open', async () => {
  const open = street('setInterval(() => {}, 60_000);');
  const answer = await runnerOn({ 'street.test.ts': `// timeout: 15s\n${open}` });
  isRed(answer, 2, 1, /its tests were over but it did not end/);
});

runner('ends what a file left running', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-left-'));
  const late = join(folder, 'late');
  const answer = await runnerOn({
    'street.test.ts': street(
      "import { spawn } from 'node:child_process';",
      `spawn('sh', ['-c', 'sleep 1; echo late >${late}'], { stdio: 'inherit' }).unref();`,
    ),
  });
  await sleep(1_500);
  assert.is(answer.last, '2 passed, 0 failed');
  assert.is(existsSync(late), false);
  rmSync(folder, { recursive: true });
});

runner('does not believe a run that found no file', async () => {
  for (const words of [[], ['nowhere']]) {
    const { code, last } = await runnerOn({ 'builders.ts': '' }, { words });
    assert.is(last, '0 passed, 1 failed');
    assert.is(code, 1);
  }
});

runner('runs the files that the pattern names', async () => {
  const files = { 'core/street.test.ts': street(), 'steps/street.test.ts': street() };
  assert.is((await runnerOn(files, { words: ['core/'] })).last, '2 passed, 0 failed');
});

runner('shows what a red file wrote, and nothing of a green one', async () => {
  const { lines } = await runnerOn({
    'green.test.ts': street("console.log('green speaks');"),
    'red.test.ts': street("street('rains', () => assert.ok(false));\nconsole.log('red speaks');"),
  });
  assert.ok(lines.some((line) => line.includes('red speaks')));
  assert.not.ok(lines.some((line) => line.includes('green speaks')));
});

runner('says loudly which Debian program a file lacks, and how to get it', async () => {
  const files = { 'board.test.ts': `// needs: chromium\n${street()}`, 'street.test.ts': street() };
  const env = { PATH: '/nowhere' };
  const { code, lines, last } = await runnerOn(files, { env });
  assert.is(last, '2 passed, 0 failed, 1 skipped');
  assert.is(code, 0);
  assert.ok(
    lines.some((line) => /^SKIPPED .*board.* chromium.*scripts\/test --install$/.test(line)),
  );
  assert.is((await runnerOn(files, { env, words: ['--require-all'] })).code, 1);
});

runner('does not believe a need that nobody can install', async () => {
  const answer = await runnerOn({ 'street.test.ts': `// needs: magic\n${street()}` });
  isRed(answer, 0, 1, /needs magic, which/);
});

runner('says when seeds are reduced', async () => {
  const says = async (env: NodeJS.ProcessEnv) =>
    (await runnerOn({ 'street.test.ts': street() }, { env })).lines.join().includes('seeds are');
  assert.is(await says({ JIRANI_TEST_SEEDS: 'reduced' }), true);
  assert.is(await says({ JIRANI_TEST_SEEDS: 'full' }), false);
});

runner('a file that is not counted is run without coverage, and every other with it', async () => {
  const coverage = mkdtempSync(join(tmpdir(), 'jirani-coverage-'));
  const sees = (seen: boolean) =>
    `street('sees it', () => assert.is(Boolean(process.env.NODE_V8_COVERAGE), ${seen}));`;
  const answer = await runnerOn(
    {
      'counted.test.ts': street(sees(true)),
      'uncounted.test.ts': `// uncounted: it starts programs\n${street(sees(false))}`,
    },
    { env: { NODE_V8_COVERAGE: coverage } },
  );
  rmSync(coverage, { recursive: true, force: true });
  assert.is(answer.last, '6 passed, 0 failed', answer.lines.join('\n'));
});

runner.run();
