import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { causeOf, openCounts } from '../gateway/open-figures.ts';
import { aScrape, everyFigure } from './support/every-figure.ts';
import { fakeMoney } from './support/fake-money.ts';

const seeing = suite('seeing inside the hub');

const read = (name: string): string =>
  readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
const scrape = await aScrape();
const shown = new Set([...scrape.matchAll(/^([a-z_]\w*)[ {]/gm)].map(([, name]) => name ?? ''));

/** Names of figures in an expression of Prometheus; labels and functions are none. */
const figuresIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:jirani|process|nodejs)_\w+/g)].map(([name]) => name);
const unknownIn = (text: string): string[] =>
  [...new Set(figuresIn(text))].filter((name) => !shown.has(name));

seeing('the dashboard shows only figures that exist, and each panel one at least', () => {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  assert.ok(panels.length > 15);
  for (const { title, targets } of panels) {
    const exprs = targets.map(({ expr }) => expr).join('\n');
    assert.ok(figuresIn(exprs).length > 0, title);
    assert.equal(unknownIn(exprs), [], title);
  }
});

seeing('every alert has an expression of figures that exist, and says what it means', () => {
  const alerts = read('alerts.yml').split('- alert: ').slice(1);
  assert.ok(alerts.length > 20);
  for (const alert of alerts) {
    const expr = /^ {8}expr: (.+)$/m.exec(alert)?.[1] ?? '';
    assert.ok(figuresIn(expr).length > 0, alert);
    assert.equal(unknownIn(expr), [], alert);
    assert.match(alert, /^ {10}summary: .+$/m);
  }
  assert.equal(unknownIn('jirani_no_such_figure > 1'), ['jirani_no_such_figure']);
});

seeing('a value that an alert or a panel picks can occur', () => {
  const picked = [
    ...`${read('alerts.yml')}${JSON.stringify(JSON.parse(read('grafana-dashboard.json')))}`.matchAll(
      /(\w+)(?:=|!|=~|!~)+\\?"([\w.|-]+)\\?"/g,
    ),
  ];
  const said = [
    ...['gateway/adapters/broker/refusals.ts', 'gateway/adapters/web/callback-listener.ts'],
    ...['gateway/open-figures.ts', 'gateway/ports/mobile-money.ts', 'gateway/events/trade.ts'],
  ].map((file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
  const values = picked.flatMap(([, , value = '']) => value.split('|'));
  assert.ok(values.length > 10);
  for (const value of values)
    assert.ok(
      said.some((text) => text.includes(`'${value}'`)),
      value,
    );
});

seeing('no label holds a phone, a path, a name or an id', () => {
  const allowed = ['state', 'event', 'kind', 'reason', 'outcome', 'cause', 'call', 'meaning'];
  const words = [...allowed, 'commitment', 'witness', 'part'];
  for (const { name, labels = {} } of everyFigure())
    for (const [label, value] of Object.entries(labels)) {
      assert.ok(words.includes(label), `${name}{${label}}`);
      assert.match(value, /^[a-zA-Z.-]{1,40}$/, `${name}{${label}="${value}"}`);
    }
});

seeing('every figure has its unit or its kind in its name, and counters end in _total', () => {
  for (const { name, kind } of everyFigure()) {
    assert.match(name, /^jirani_[a-z_]+$/);
    assert.is(name.endsWith('_total'), kind === 'counter', name);
  }
});

seeing(
  'answers of M-Pesa are counted by what they mean, and reach the caller unchanged',
  async () => {
    const counts = openCounts();
    const money = counts.counted(fakeMoney());
    money.says.push.push({ kind: 'paid' });
    assert.equal(await money.askAboutPush('ws_CO_1'), { kind: 'paid' });
    assert.equal(counts.answers(), [{ call: 'askAboutPush', meaning: 'paid', n: 1 }]);
  },
);

seeing('what failed is counted by its cause', () => {
  const cause = (code: string) => causeOf(Object.assign(new Error('no'), { code }));
  assert.is(cause('SQLITE_BUSY_SNAPSHOT'), 'locked');
  assert.is(cause('SQLITE_FULL'), 'disk-full');
  assert.is(cause('SQLITE_IOERR_WRITE'), 'disk-fails');
  assert.is(cause('EMFILE'), 'no-files');
  assert.is(causeOf(undefined), 'other');
});

seeing.run();
