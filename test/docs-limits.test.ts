import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missingTests, rowsOf } from '../scripts/doc-tables.ts';
import { aScrape } from './support/every-figure.ts';

const limits = suite('the page of limits');

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const rows = rowsOf(read('docs/limits.md'));
const nameIn = (cell: string): string => /`(\w+)`/.exec(cell)?.[1] ?? '';

limits('names limits, figures, alerts and tests that exist', async () => {
  const [alerts, scrape] = [read('docs/alerts.yml'), await aScrape()];
  assert.ok(rows.length >= 20);
  for (const [what = '', limit = '', figure = '', alert = '', test = '', ...more] of rows) {
    assert.equal(more, [], what);
    const file = /\((gateway\/[\w./-]+)\)/.exec(limit)?.[1] ?? '';
    assert.ok(existsSync(new URL(file, root)) && file !== '', `${what}: ${file}`);
    assert.match(read(file), new RegExp(`\\b${nameIn(limit)}\\b`), `${what}: ${limit}`);
    assert.match(scrape, new RegExp(`^${nameIn(figure)}[ {]`, 'm'), `${what}: ${figure}`);
    assert.match(alerts, `- alert: ${nameIn(alert)}\n`, what);
    assert.equal(missingTests(test, root), [], what);
  }
});

limits('covers what the hub can run out of', () => {
  const all = rows.map(([what]) => what).join('\n');
  for (const what of [
    ...['Disk full', 'locked', 'Files', 'Memory', 'Flood from one meter', 'do not read'],
    '10,000 meters',
  ])
    assert.match(all, what);
});

limits('would be found wrong', () => {
  assert.equal(missingTests('test/none.test.ts: x', root), ['no such file: test/none.test.ts']);
  assert.is(
    missingTests('test/docs-limits.test.ts: not a test of it'.replace('a', 'A'), root).length,
    1,
  );
  assert.is(missingTests('somewhere', root).length, 1);
});

limits.run();
