import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commandWords, withPort } from '../../gateway/core/command-words.ts';

const reading = suite('the command of a tunnel');

const words = (line: string) => {
  const read = commandWords(line);
  return read.ok ? read.value : read.error;
};

reading('is split at blanks, and quotes hold words together', () => {
  assert.equal(words('  cloudflared tunnel   --url http://127.0.0.1:{port} '), [
    ...['cloudflared', 'tunnel', '--url', 'http://127.0.0.1:{port}'],
  ]);
  assert.equal(words(`ssh -o "ProxyCommand=nc \\"a\\" b" 'it is' '' a\\ b x"y"'z'`), [
    ...['ssh', '-o', 'ProxyCommand=nc "a" b', 'it is', '', 'a b', 'xyz'],
  ]);
});

reading('means nothing that only a shell would do', () => {
  for (const line of [
    'a | b',
    'a; b',
    'a && b',
    'a > b',
    'a $HOME',
    'a `b`',
    'a *',
    'a {b}',
    'a (b)',
  ])
    assert.match(String(words(line)), /no shell runs it/, line);
  assert.equal(words(`a '|;&$*{}' "|"`), ['a', '|;&$*{}', '|']);
});

reading('is refused with a sentence when it is half', () => {
  assert.is(words('a "b'), 'a quote " is not closed');
  assert.is(words("a 'b"), "a quote ' is not closed");
  assert.is(words('a \\'), 'it ends with a backslash');
  assert.is(words('  '), 'it names no program');
  assert.match(String(words('a '.repeat(65))), /more than 64/);
});

reading('any words come back as they were, when they are quoted', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), (given) => {
      const quoted = given.map((word) => `"${word.replaceAll(/["\\]/g, '\\$&')}"`).join(' ');
      assert.equal(words(quoted), given);
    }),
  );
});

reading('gets the port of the callback listener, and nothing else', () => {
  assert.equal(withPort(['a', 'x:{port}', '{port}{port}'], 5001), ['a', 'x:5001', '50015001']);
});

reading.run();
