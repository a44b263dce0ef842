import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openedWeb } from './fake-desk.ts';

const page = suite('the neighbourhood’s live page');
const folder = join(import.meta.dirname, '../../../gateway/pages');
const names = readdirSync(folder);
const bytesMax = 80_000;
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');

/** Pages that somebody opens, with all that each loads. */
const loads = ['/', '/home', '/receipt'] as const;
const filesOf = (page: string): string[] => {
  const html = { '/': 'index.html', '/home': 'home.html', '/receipt': 'receipt.html' }[page] ?? '';
  const linked = [...textOf(html).matchAll(/(?:href|src)="\/([\w-]+\.\w+)"/g)];
  return [...new Set([html, ...linked.map(([, name = '']) => name)])];
};

page('is small enough for a slow phone and asks nobody outside', () => {
  for (const opened of loads) {
    const texts = filesOf(opened).map(textOf);
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    assert.ok(bytes < bytesMax, `${opened}: ${bytes} bytes before they are compressed`);
  }
  for (const text of names.map(textOf)) {
    const outside = text.replaceAll('http://www.w3.org/2000/svg', '');
    assert.not.match(outside, /(https?:)?\/\/[\w-]+\.\w/);
    assert.not.match(outside, /@import|url\(/);
  }
});

page('holds no script and no style of its own, as its policy demands', () => {
  const html = textOf('index.html');
  assert.not.match(html, /<style|\sstyle=|\son\w+=/);
  for (const [, attributes, content] of html.matchAll(/<script([^>]*)>([^<]*)</g)) {
    assert.match(attributes ?? '', 'src=');
    assert.is(content, '');
  }
});

page(
  'says everything in English and in Swahili, and every word it shows is in the table',
  async () => {
    const { words } = await import(join(folder, 'words.js'));
    const shape = (table: object): unknown =>
      Object.entries(table).map(([key, word]) => [
        key,
        typeof word === 'string' ? '' : shape(word),
      ]);
    assert.equal(shape(words.sw), shape(words.en));
    for (const [, word = '', english] of textOf('index.html').matchAll(
      /data-word="(\w+)"[^>]*>([^<]*)</g,
    )) {
      assert.is(english?.replace(/\s+/g, ' ').trim(), words.en[word], word);
    }
    const asked = [...textOf('page.js').matchAll(/said\(\)\.(\w+)/g)].map(([, word = '']) => word);
    for (const word of asked) assert.ok(word in words.en, word);
  },
);

page('has words for every mode in which a part of the hub can be', async () => {
  const { words } = await import(join(folder, 'words.js'));
  const modes = [
    ...['rule', 'rule, worded by Gemini', 'simulator', 'sandbox', 'production', 'embedded'],
    ...['devnet', 'mainnet-beta', 'static', 'none', 'off', 'on'],
  ];
  for (const mode of modes)
    for (const language of ['en', 'sw']) assert.ok(words[language].modes[mode], mode);
});

page('puts only text on the screen, so a payload can never become a tag', () => {
  assert.not.match(
    textOf('page.js'),
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/,
  );
});

page('every file comes compressed, named by its content, under a strict policy', async () => {
  await using hub = await openedWeb();
  const paths = ['/', ...names.filter((name) => name !== 'index.html').map((name) => `/${name}`)];
  for (const path of paths) {
    const response = await fetch(`${hub.web.url}${path}`);
    const text = await response.text();
    assert.is(response.status, 200, path);
    assert.is(response.headers.get('content-encoding'), 'gzip');
    assert.is(text, textOf(path === '/' ? 'index.html' : path.slice(1)));
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, "default-src 'none'");
    assert.match(policy, "script-src 'self'");
    assert.not.match(policy, /unsafe|https:|upgrade-insecure/);
    assert.is(response.headers.get('strict-transport-security'), null);

    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${hub.web.url}${path}`, { headers: { 'if-none-match': etag } });
    assert.is(again.status, 304);
    assert.is(await again.text(), '');
    const plain = await fetch(`${hub.web.url}${path}`, {
      headers: { 'accept-encoding': 'identity' },
    });
    assert.is(plain.headers.get('content-encoding'), null);
    assert.is(await plain.text(), text);
  }
});

page('an address that is none is answered as a problem', async () => {
  await using hub = await openedWeb();
  for (const path of ['/%', '/api/%zz']) {
    const response = await fetch(`${hub.web.url}${path}`);
    assert.is(response.status, 400, path);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const { title, detail } = (await response.json()) as { title: string; detail: string };
    assert.equal([title, detail], ['Bad request', 'The address of this call is malformed.']);
  }
});

page('no path of a request reaches the disk', async () => {
  await using hub = await openedWeb();
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/index.html',
    '/pages/page.js',
  ]) {
    assert.is((await hub.call(path, { headers: {} })).status, 404, path);
  }
});

page.run();
