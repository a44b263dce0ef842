// uncounted: it starts whole programs, again and again
// timeout: 300s
/** Types every command of the money pages into a running neighbourhood, as a keeper does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDemo, answer } from './commands/a-demo.ts';
import { aFolder, run } from './commands/programs.ts';

const page = join(import.meta.dirname, '../docs/operations.md');
/** Slow enough that no trade of the market comes in between. */
const slowly = ['--speed', '2'];
const receiptOfPage = 'UJ22T8IYOU';

type Example = { readonly line: number; readonly command: string; readonly shown: string };

/** The `sh` blocks that call the hub, each with the `text` block that follows it. */
function examples(): Example[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```sh\nscripts\/hub (.*)\n```\n\n```text\n([\s\S]*?)^```/gm)].map(
    ({ 1: command = '', 2: shown = '', index }) => ({
      ...{ command, shown, line: text.slice(0, index).split('\n').length },
    }),
  );
}

/** Words of a command line; what is in double quotes is one. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** A line of `…` stands for any lines; within a line it stands for anything. */
function looksLike(shown: string, said: string): boolean {
  const pattern = shown
    .split('\n')
    .map((line) =>
      line === '…'
        ? '(?:.*\n)*?'
        : `${line
            .split('…')
            .map((part) => part.replace(/[^\w ]/g, '\\$&').replace(/ +/g, ' +'))
            .join('.*')}\n`,
    )
    .join('')
    .replace(/\n$/, '');
  return new RegExp(`^${pattern}$`).test(said);
}

const keeping = suite('the money pages of the keeper');

keeping('an example is compared line by line, but for what it leaves open', () => {
  assert.ok(looksLike('a …\n…\nlast\n', 'a 1\nb\nc\nlast\n'));
  assert.ok(looksLike('…\n', 'anything\n'));
  assert.not.ok(looksLike('a …\nlast\n', 'a 1\nb\nlast\n'));
  assert.not.ok(looksLike('KES 50.00\n', 'KES 50.01\n'));
});

keeping(
  'a household says that it paid and has nothing: every command does what is shown',
  async () => {
    using folder = aFolder();
    await using demo = await aDemo(folder.path, slowly);
    const env = { HUB_DATA_DIR: folder.path, HTTP_PORT: new URL(demo.url).port };
    const [, control = ''] = await demo.program.says(/simulators (http:\S+\/control)/);
    // A start compares by itself; what is paid while it does would be found before anybody asks.
    assert.is((await run(['pay', 'reconcile'], env)).code, 0);
    const { receipt } = await answer<{ receipt: string }>(`${control}/mpesa/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ phone: '254708374149', amountCents: 5_000, reference: 'LIGHTS' }),
    });
    const asked = examples();
    assert.ok(asked.length >= 7);
    for (const { command, shown, line } of asked) {
      const here = (text: string) => text.replaceAll(receiptOfPage, receipt);
      const { code, stdout, stderr } = await run(wordsOf(here(command)), env);
      assert.is(code, 0, `docs/operations.md:${line}: ${stderr}`);
      const said = stdout;
      if (!looksLike(here(shown), said)) assert.is(said, here(shown), `docs/operations.md:${line}`);
    }
  },
);

keeping('commands that are only named exist, and say what they need', async () => {
  const named = [...readFileSync(page, 'utf8').matchAll(/scripts\/hub (pay|wallets) ([a-z-]+)/g)];
  const { stdout: pay } = await run(['pay', '--help']);
  const { stdout: wallets } = await run(['wallets', '--help']);
  for (const [, word, verb] of named)
    assert.match(
      word === 'pay' ? pay : wallets,
      new RegExp(`^  ${verb}[ \n]`, 'm'),
      `${word} ${verb}`,
    );
});

keeping.run();
