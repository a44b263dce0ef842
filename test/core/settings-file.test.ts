import { parseEnv } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settingLine, withSettings } from '../../gateway/core/settings-file.ts';

const writing = suite('the file of settings');

writing('what is written is what is read, whatever is in it', () => {
  const values = [
    'plain',
    'two words',
    "Achieng's",
    'a"b',
    '#no comment',
    'x=y',
    'p$HOME',
    'a\\nb',
    ' spaces ',
    '€',
  ];
  for (const value of [...values, '']) {
    const line = settingLine('NAME', value);
    assert.is(parseEnv(line ?? '')['NAME'], value, line ?? 'no line');
  }
});

writing('what no quotes can hold is refused, and nothing else is put into the file', () => {
  for (const value of [`'"\``, 'one\nMPESA_PASSKEY=two', `it's\\n`.concat('`')])
    assert.is(settingLine('NAME', value), undefined);
  assert.throws(() => withSettings('', { NAME: 'a\nb' }), /NAME/);
});

writing('what a keeper wrote stays; a setting is changed where it counts', () => {
  const before =
    '# ours\nHUB_NAME=old\n\n# HUB_NAME=not this\nexport SCHEME=credit\nOTHER=1\nHUB_NAME=later\n';
  const after = withSettings(before, { HUB_NAME: 'Umoja', SCHEME: 'mini-grid', HTTP_PORT: '5000' });
  assert.is(
    after,
    '# ours\nHUB_NAME=old\n\n# HUB_NAME=not this\nSCHEME=mini-grid\nOTHER=1\nHUB_NAME=Umoja\nHTTP_PORT=5000\n',
  );
  assert.is(withSettings(after, { HUB_NAME: 'Umoja' }), after);
});

writing.run();
