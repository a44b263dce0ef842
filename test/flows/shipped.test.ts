// needs: flows
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boardWithPage } from '../../flows/board.ts';
import { readFlowFile } from '../../flows/flow-file.ts';
import { excludedFiles, knownTypes } from '../../flows/known-types.ts';
import { lint } from '../../flows/lint.ts';
import { shippedFlows } from '../../flows/prepare.ts';

const shipping = suite('the flows that come with a hub');

const folder = join(import.meta.dirname, '../../flows');
const flows = shippedFlows(folder);

shipping('are sound', () => assert.equal(lint(flows, knownTypes(folder)), []));

shipping('use nothing that is left out', () => {
  const types = knownTypes(folder);
  for (const type of ['exec', 'file', 'file in', 'watch', 'tcp in', 'udp out'])
    assert.not.ok(types.has(type), type);
  for (const type of ['inject', 'function', 'switch', 'ui-template', 'jirani-decision'])
    assert.ok(types.has(type), type);
  assert.is(excludedFiles.length, 5);
});

shipping('begin with our name, so that an upgrade knows them', () => {
  for (const { id } of flows) assert.match(id, /^jirani_/);
});

shipping('have three examples, switched off, each with a comment that teaches', () => {
  const tabs = flows.filter(({ type, disabled }) => type === 'tab' && disabled === true);
  assert.is(tabs.length, 3);
  for (const { id } of tabs) {
    const comment = flows.find(({ z, type }) => z === id && type === 'comment');
    assert.match(String(comment?.['info']), 'To use it:');
    assert.ok(String(comment?.['info']).length > 200);
  }
});

shipping('have no gate that is on before the keeper wants it', () => {
  const off = new Set(flows.filter(({ disabled }) => disabled === true).map(({ id }) => id));
  for (const { type, z = '' } of flows) if (type === 'jirani-proposal') assert.ok(off.has(z));
});

shipping('show the board as it is written', () => {
  assert.equal(readFlowFile(join(folder, 'shipped/90-board.json')), boardWithPage(folder));
});

shipping.run();

const words = suite('the words of our nodes');

const nodes = join(folder, 'nodes/nodes');

words('English and Swahili name the same things, and help with the same nodes', () => {
  for (const file of globSync('locales/en-US/*', { cwd: nodes })) {
    const [english, swahili] = [file, file.replace('en-US', 'sw')].map((name) =>
      readFileSync(join(nodes, name), 'utf8'),
    ) as [string, string];
    const named = (text: string) =>
      file.endsWith('.json')
        ? Object.keys(JSON.parse(text).jirani)
        : [...text.matchAll(/data-help-name="([^"]+)"/g)].map(([, name]) => name);
    assert.equal(named(swahili), named(english));
    assert.is.not(swahili, english);
  }
});

words('every type has a template, a help text and an icon that is here', () => {
  const types = [...knownTypes(folder)].filter((type) => type.startsWith('jirani-'));
  assert.is(types.length, 14);
  const help = globSync('locales/en-US/*.html', { cwd: nodes })
    .map((file) => readFileSync(join(nodes, file), 'utf8'))
    .join();
  for (const type of types) assert.match(help, `data-help-name="${type}"`);
  const icons = new Set(globSync('*.svg', { cwd: join(nodes, 'icons') }));
  for (const file of globSync('*.html', { cwd: nodes }))
    for (const [icon] of readFileSync(join(nodes, file), 'utf8').matchAll(/[\w-]+\.svg/g))
      assert.ok(icons.has(icon), icon);
});

words('every word that a template asks for is there', () => {
  const catalogue = JSON.parse(readFileSync(join(nodes, 'locales/en-US/jirani-in.json'), 'utf8'));
  for (const file of globSync('*.html', { cwd: nodes }))
    for (const [, key = ''] of readFileSync(join(nodes, file), 'utf8').matchAll(
      /data-i18n="jirani\.(\w+)"/g,
    ))
      assert.type(catalogue.jirani[key], 'string', key);
});

words.run();
