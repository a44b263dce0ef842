import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missingTests, rowsOf } from '../scripts/doc-tables.ts';

const reviewing = suite('the security review');

const root = new URL('../', import.meta.url);
const text = readFileSync(new URL('docs/security.md', root), 'utf8');
const [, attacks = ''] = text.split('\n## Attacks\n');
const rows = rowsOf(attacks);

reviewing('names for each attack what stops it, and tests that exist', () => {
  assert.ok(rows.length >= 45);
  const missing = rows.flatMap(([attack = '', stops = '', tests = '']) => [
    ...(attack.length > 5 && stops.length > 10 ? [] : [`half a row: ${attack}`]),
    ...missingTests(tests, root).map((what) => `${attack}: ${what}`),
  ]);
  assert.equal(missing, []);
});

reviewing('says what is worth protecting, which ways lead in, and what is not protected', () => {
  for (const head of ['What is worth protecting', 'Ways in', 'What is not protected'])
    assert.match(text, `\n## ${head}\n`);
});

reviewing.run();
