import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endsReversal, originalIs, reversible } from '../../gateway/core/reversal.ts';
import { cents } from '../../gateway/core/units.ts';

const reversing = suite('giving a payment back');

const asked = (amount: number, there: number) => {
  const answer = reversible(cents(amount), cents(there));
  return answer.ok ? answer.value : answer.error.kind;
};

reversing('takes whole shillings that are still there', () => {
  assert.equal([asked(3_700, 3_700), asked(3_700, 9_000)], [3_700, 3_700]);
  assert.equal([asked(3_700, 3_699), asked(3_705, 9_000)], ['not-enough', 'not-whole-shillings']);
});

reversing('knows which codes end it and which only make the hub ask', () => {
  for (const code of ['1', '2', '3', '4', '8', 'R000002'])
    assert.is(endsReversal(code), true, code);
  for (const code of ['0', 'R000001', '17', '26', '2001', '7777', undefined])
    assert.is(endsReversal(code), false, code);
});

reversing('reads from the original payment whether it went back', () => {
  assert.equal(['completed', 'reversed', 'cancelled'].map(originalIs), [
    ...['standing', 'reversed', 'reversed'],
  ]);
  for (const status of ['authorized', 'initiated', 'declined', 'expired', undefined])
    assert.is(originalIs(status), 'unclear', status);
});

reversing.run();
