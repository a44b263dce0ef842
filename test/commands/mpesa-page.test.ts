// uncounted: it starts whole programs, again and again
// needs: curl openssl
/** What a stranger reads about the simulated M-Pesa, pasted as a stranger does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callbackFaults, requestFaults } from '../../gateway/simulators/daraja/faults.ts';
import { mutations } from '../../gateway/simulators/daraja/mutations.ts';
import { answer } from './a-demo.ts';
import { isShown, pasteInto, shownOn } from './pasted-page.ts';
import { aFolder, begin } from './programs.ts';

const reading = suite('reading about the simulated M-Pesa');
const page = readFileSync(join(import.meta.dirname, '../../docs/mpesa-simulator.md'), 'utf8');
const examplesLeast = 10;

/** Starts it exactly as the page says, but for its ports and its folder. */
function beginAsShown(folder: string) {
  const words = /^scripts\/hub (mpesa serve .*)$/m.exec(page)?.[1]?.split(' ') ?? [];
  return begin([
    ...words,
    '--port',
    '0',
    '--control-port',
    '0',
    '--data-dir',
    join(folder, 'data'),
  ]);
}

reading('every example prints what the page shows', async () => {
  using folder = aFolder();
  await using mpesa = beginAsShown(folder.path);
  const [, url = '', control = ''] = await mpesa.says(/M-Pesa: (http:\S+); control: (http:\S+)/);
  const shown = shownOn(page);
  assert.ok(shown.length >= examplesLeast, `${shown.length} examples`);
  const commands = shown.map(({ command }) =>
    command
      .replaceAll('http://127.0.0.1:8900', url)
      .replaceAll('http://127.0.0.1:8901/control', control),
  );
  const { code, said } = await pasteInto(commands, folder.path);
  assert.is(code, 0);
  for (const [index, { command, answer: wanted }] of shown.entries())
    if (wanted !== undefined)
      assert.ok(isShown(wanted, JSON.parse(said[index] ?? '')), `${command}\n${said[index]}`);
});

reading('every control call, fault and mutation is on the page', async () => {
  using folder = aFolder();
  await using mpesa = beginAsShown(folder.path);
  const [, control] = await mpesa.says(/control: (http:\S+)/);
  const { calls } = await answer<{ calls: string[] }>(`${control}/mpesa`);
  const names = calls.map((call) => call.split('/mpesa/')[1] ?? '');
  for (const word of [...names, ...requestFaults, ...callbackFaults, ...mutations])
    assert.match(page, word);
});

reading('an example that prints something else is noticed', () => {
  assert.ok(isShown({ a: 'ws_…', b: [1, '…'] }, { a: 'ws_1', b: [1, 2, 3] }));
  assert.not.ok(isShown({ a: 'ws_…' }, { a: 'other' }));
  assert.not.ok(isShown({ a: '…' }, {}));
  assert.not.ok(isShown({}, { a: 1 }));
  assert.not.ok(isShown([1, 2, '…'], [1]));
  assert.not.ok(isShown([1], [1, 2]));
});

reading.run();
