/** Plants imports across the layers and sees that the real biome.json refuses exactly the wrong ones. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const top = resolve(import.meta.dirname, '../..');
const biome = join(top, 'node_modules/@biomejs/biome/bin/biome');

/** A file that holds one statement; `NAME` in its home becomes a name of its own. */
type Planted = { readonly home: string; readonly statement: string };

const plant = (home: string, ...statements: readonly string[]): Planted[] =>
  statements.map((statement) => ({ home, statement }));

const from = (source: string): string => `import { thing } from '${source}';\nthing();\n`;
const type = (source: string): string =>
  `import type { Thing } from '${source}';\nexport type Other = Thing;\n`;

/** Those of the planted statements that a layer rule refuses. */
function refusedOf(planted: readonly Planted[]): Planted[] {
  const root = mkdtempSync(join(tmpdir(), 'jirani-layers-'));
  try {
    copyFileSync(join(top, 'biome.json'), join(root, 'biome.json'));
    mkdirSync(join(root, 'gateway/core'), { recursive: true });
    writeFileSync(join(root, 'gateway/core/witness.ts'), from('zod'));
    const named = planted.map(({ home, statement }, index) => {
      const file = join('gateway', home.replace('NAME', `planted-${index}`));
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), statement);
      return file;
    });
    const lint = spawnSync(
      process.execPath,
      [
        biome,
        'lint',
        '--only=style/noRestrictedImports',
        '--reporter=github',
        '--max-diagnostics=none',
        '.',
      ],
      { cwd: root, encoding: 'utf8' },
    );
    // A clean run prints nothing, as does a Biome that looked at nothing: hence the witness.
    if (!lint.stdout.includes('gateway/core/witness.ts,'))
      throw new Error(`Biome did not lint: ${lint.stdout}${lint.stderr}`);
    return planted.filter((_, index) => lint.stdout.includes(`${named[index]},`));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const said = (planted: readonly Planted[]): string[] =>
  planted.map(({ home, statement }) => `${home}: ${statement.split('\n')[0]}`);

const refusesAll = (planted: readonly Planted[]): void =>
  assert.equal(said(refusedOf(planted)), said(planted));

const refusesNone = (planted: readonly Planted[]): void =>
  assert.equal(said(refusedOf(planted)), []);

const layers = suite('who may go where');

layers('the core goes nowhere, not even to a package', () => {
  refusesAll([
    ...plant(
      'core/NAME.ts',
      ...['zod', 'fs', 'node:crypto', '@solana/kit', 'better-sqlite3', 'axios'].map(from),
      ...['../ports/clock.ts', '../steps/pay-trade.ts', './../main.ts', '../adapters/x/y.ts'].map(
        from,
      ),
      type('../ports/clock.ts'),
      type('../events/trade.ts'),
      "export const late = import('../main.ts');\n",
      "export { now } from '../main.ts';\n",
    ),
  ]);
  refusesNone(plant('core/NAME.ts', from('./units.ts'), type('./ids.ts')));
});

layers('a topic of the core knows the core, and nothing beyond', () => {
  const wrong = ['zod', 'node:fs', '../../ports/clock.ts', '../../main.ts', '../../steps/x.ts'];
  refusesAll(plant('core/market/NAME.ts', ...wrong.map(from), type('../../events/trade.ts')));
  refusesNone(plant('core/market/NAME.ts', from('../units.ts'), type('./vcg.ts')));
});

layers('ports and events know each other and types of the core', () => {
  const wrong = ['zod', 'node:fs', '../core/units.ts', '../adapters/x/y.ts', '../main.ts'].map(
    from,
  );
  refusesAll([
    ...plant('ports/NAME.ts', ...wrong, type('../steps/pay-trade.ts'), type('fastify')),
    ...plant('events/NAME.ts', ...wrong, type('../simulators/daraja/names.ts')),
    ...plant('ports/NAME.ts', "import * as units from '../core/units.ts';\nunits.cents(1);\n"),
    ...plant('ports/books/NAME.ts', from('../../core/units.ts'), type('../../steps/pay-trade.ts')),
  ]);
  refusesNone([
    ...plant(
      'ports/NAME.ts',
      type('../core/units.ts'),
      type('../events/trade.ts'),
      type('./log.ts'),
    ),
    ...plant('events/NAME.ts', type('../core/units.ts'), type('../ports/desk.ts')),
    ...plant(
      'ports/books/NAME.ts',
      type('../../core/units.ts'),
      type('../clock.ts'),
      type('./a.ts'),
    ),
  ]);
});

layers('a step knows ports, not adapters, packages or other steps', () => {
  refusesAll(
    plant(
      'steps/NAME.ts',
      ...[
        '../adapters/sqlite/open.ts',
        '../main.ts',
        '../journey.ts',
        '../simulators/random.ts',
      ].map(from),
      ...['axios', 'node:fs', './pay-seller.ts'].map(from),
      type('../adapters/sqlite/open.ts'),
    ),
  );
  refusesNone(
    plant(
      'steps/NAME.ts',
      from('../core/trade.ts'),
      type('../ports/books/trades.ts'),
      type('../events/trade.ts'),
    ),
  );
});

layers('the journey and the outbox know the steps, and nobody who acts outside', () => {
  for (const home of ['journey.ts', 'outbox.ts']) {
    for (const wrong of ['./adapters/sqlite/open.ts', './main.ts', './config.ts', 'zod', 'node:fs'])
      refusesAll(plant(home, from(wrong)));
    refusesNone(plant(home, `${from('./steps/pay-trade.ts')}${type('./ports/clock.ts')}`));
  }
});

layers('an adapter stays in its own folder', () => {
  const wrong = ['main.ts', 'open-web.ts', 'journey.ts', 'outbox.ts', 'config.ts', 'cli.ts']
    .concat(['steps/pay-trade.ts', 'simulators/random.ts', 'commands/demo.ts'])
    .concat(['adapters/other/y.ts']);
  refusesAll([
    ...plant('adapters/NAME.ts', ...wrong.map((file) => from(`../${file}`)), from('./other/y.ts')),
    ...plant('adapters/solana/NAME.ts', ...wrong.map((file) => from(`../../${file}`))),
    ...plant(
      'adapters/solana/NAME.ts',
      from('../other/y.ts'),
      from('../clock.ts'),
      from('./../other/y.ts'),
    ),
    ...plant('adapters/solana/embedded/NAME.ts', ...wrong.map((file) => from(`../../../${file}`))),
    ...plant('adapters/solana/embedded/NAME.ts', from('../../other/y.ts'), type('../../clock.ts')),
  ]);
  refusesNone([
    ...plant(
      'adapters/NAME.ts',
      from('../core/units.ts'),
      type('../ports/clock.ts'),
      from('node:fs'),
    ),
    ...plant(
      'adapters/solana/NAME.ts',
      from('./keys.ts'),
      from('./embedded/svm.ts'),
      from('litesvm'),
    ),
    ...plant('adapters/solana/NAME.ts', from('../../core/units.ts'), type('../../events/trade.ts')),
    ...plant(
      'adapters/solana/embedded/NAME.ts',
      from('../keys.ts'),
      from('./svm.ts'),
      from('node:fs'),
    ),
    ...plant('adapters/solana/embedded/NAME.ts', from('../../../core/units.ts')),
  ]);
});

layers('a simulator shares no code with what it tests', () => {
  const wrong = ['core/phone.ts', 'ports/log.ts', 'events/trade.ts', 'steps/pay-trade.ts'].concat([
    'adapters/daraja/names.ts',
    'main.ts',
    'commands/demo.ts',
  ]);
  refusesAll([
    ...plant(
      'simulators/NAME.ts',
      ...wrong.map((file) => from(`../${file}`)),
      from('../ports/clock.ts'),
    ),
    ...plant('simulators/daraja/NAME.ts', ...wrong.map((file) => type(`../../${file}`))),
    ...plant('simulators/daraja/calls/NAME.ts', ...wrong.map((file) => from(`../../../${file}`))),
  ]);
  refusesNone([
    ...plant(
      'simulators/NAME.ts',
      from('../core/units.ts'),
      type('../ports/clock.ts'),
      from('mqtt'),
    ),
    ...plant(
      'simulators/daraja/NAME.ts',
      from('../../core/units.ts'),
      type('../../ports/clock.ts'),
    ),
    ...plant(
      'simulators/daraja/NAME.ts',
      from('../random.ts'),
      from('./names.ts'),
      from('node:http'),
    ),
    ...plant(
      'simulators/daraja/calls/NAME.ts',
      from('../names.ts'),
      from('../../../core/units.ts'),
    ),
  ]);
});

layers('main and the commands may go everywhere', () => {
  refusesNone([
    ...plant('main.ts', from('./adapters/sqlite/open.ts')),
    ...plant(
      'commands/NAME.ts',
      from('../simulators/random.ts'),
      from('../adapters/sqlite/open.ts'),
    ),
  ]);
});

layers.run();
