import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf, openIds } from '../../../gateway/adapters/ids/ids.ts';

const naming = suite('names that nobody can guess');
const hubKey = Buffer.alloc(32, 1);
const ids = (now: () => number = () => 1_750_000_000_000, key: Uint8Array = hubKey) =>
  openIds({ hubKey: key, now });

naming('what was written later also sorts later, within and across milliseconds', () => {
  let now = 1_750_000_000_000;
  const { fresh } = ids(() => now);
  const names: string[] = [];
  for (let n = 0; n < 3_000; n++) {
    if (n % 1_000 === 999) now += 1;
    names.push(fresh());
  }
  assert.equal([...names].sort(), names);
  assert.is(new Set(names).size, 3_000);
  for (const name of names) assert.match(name, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});

naming('a clock that goes back makes no older names', () => {
  let now = 1_750_000_000_000;
  const { fresh } = ids(() => now);
  const before = fresh();
  now -= 60_000;
  assert.ok(fresh() > before);
});

naming('a name tells its millisecond', () => {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const name = ids(() => 1_750_000_000_123).fresh();
  const ms = [...name.slice(0, 10)].reduce((sum, letter) => sum * 32 + letters.indexOf(letter), 0);
  assert.is(ms, 1_750_000_000_123);
});

naming('two hubs that start in the same millisecond do not meet', () => {
  assert.is.not(ids().fresh(), ids().fresh());
});

naming('a callback path is 32 lower-case hex characters, and the books keep only its hash', () => {
  const { callbackToken } = ids();
  const seen = new Set<string>();
  for (let n = 0; n < 500; n++) {
    const { token, hash } = callbackToken();
    assert.match(token, /^[0-9a-f]{32}$/);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.is(hash, hashOf(token));
    assert.not(hash.includes(token));
    seen.add(token);
  }
  assert.is(seen.size, 500);
});

naming('a payout’s conversation id is the same after a restore, and 18 letters and digits', () => {
  const id = ids().payoutConversation('corner-house', 7);
  assert.is(ids(() => 1).payoutConversation('corner-house', 7), id);
  assert.match(id, /^J[0-9A-Z]{17}$/);
  const others = [
    ids().payoutConversation('corner-house', 8),
    ids().payoutConversation('kiosk', 7),
    ids(undefined, Buffer.alloc(32, 2)).payoutConversation('corner-house', 7),
    ids().payoutConversation('corner-hous', 7),
  ];
  assert.is(new Set([id, ...others]).size, 5);
});

naming.run();
