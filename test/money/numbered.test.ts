/** Holds docs/money-tests.md and the tests together: every numbered scenario has a test, and the table names it. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const numbered = suite('the numbered scenarios of money');
const top = new URL('../../', import.meta.url).pathname;
const table = 'docs/money-tests.md';
const scenarios = 85;

type Named = { readonly file: string; readonly name: string };

/** Strings that begin with numbers such as `S16, S21:`; a `${…}` in one is shown as `…`. */
const heading = /(['"`])((?:S\d+[,: ]+)+(?:C\d+[,: ]+)*[^\n]*?)\1\s*[,\]})]/g;

function testsByNumber(): Map<number, Named[]> {
  const found = new Map<number, Named[]>();
  for (const file of globSync('test/**/*.test.ts', { cwd: top }).sort())
    for (const [, , name = ''] of readFileSync(join(top, file), 'utf8').matchAll(heading))
      for (const [, number] of (/^(?:S\d+[,: ]+)+/.exec(name)?.[0] ?? '').matchAll(/S(\d+)/g)) {
        const known = found.get(Number(number)) ?? [];
        known.push({ file, name: name.replaceAll(/\$\{[^}]*\}/g, '…') });
        found.set(Number(number), known);
      }
  return found;
}

const all = Array.from({ length: scenarios }, (_, index) => index + 1);

numbered('all have a test', () => {
  const found = testsByNumber();
  const missing = all.filter((number) => !found.has(number)).map((number) => `S${number}`);
  assert.equal(missing, []);
  assert.equal(
    [...found.keys()].filter((number) => number < 1 || number > scenarios),
    [],
  );
});

const lines = (): string[] => {
  const found = testsByNumber();
  return all.flatMap((number) =>
    (found.get(number) ?? []).map(
      ({ file, name }) =>
        `| S${number} | ${name.replaceAll('|', '\\|').replace(/^(?:[SC]\d+[,: ]+)+/, '')} | \`${file}\` |`,
    ),
  );
};

/** Write the table anew with JIRANI_WRITE_TABLES=on. */
numbered('stand in the table of docs/money-tests.md, with the tests that there are', () => {
  const text = readFileSync(join(top, table), 'utf8');
  const head = text.slice(0, text.indexOf('| --- |'));
  const whole = `${head}| --- | --- | --- |\n${lines().join('\n')}\n`;
  if (process.env['JIRANI_WRITE_TABLES'] === 'on') writeFileSync(join(top, table), whole);
  else
    assert.is(text, whole, `${table} is not what the tests say: JIRANI_WRITE_TABLES=on writes it`);
});

numbered.run();
