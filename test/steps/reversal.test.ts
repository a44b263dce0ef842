import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentPlace } from '../../gateway/core/evidence.ts';
import type { ReversalId } from '../../gateway/core/ids.ts';
import type { Reversal } from '../../gateway/core/reversal.ts';
import { minuteMs } from '../../gateway/core/slot.ts';
import { cents } from '../../gateway/core/units.ts';
import type { Claim, ReversalAnswer } from '../../gateway/ports/mobile-money.ts';
import { askAboutReversal } from '../../gateway/steps/ask-about-reversal.ts';
import { decideReversal } from '../../gateway/steps/decide-reversal.ts';
import { readReversalCallback } from '../../gateway/steps/read-reversal-callback.ts';
import { resumePayouts } from '../../gateway/steps/resume-payouts.ts';
import { reverseReceipt } from '../../gateway/steps/reverse-receipt.ts';
import { sendReversal } from '../../gateway/steps/send-reversal.ts';
import { withdraw } from '../../gateway/steps/withdraw.ts';
import { aStatus } from '../support/fake-money.ts';
import { type GivenHub, given, heard, knock, waitingDeeds } from '../support/given.ts';
import { kiosk, nine, tailor } from '../support/neighbourhood.ts';

const reversing = suite('giving a payment back to the phone that made it');

const receipt = 'RKL51ZDR4F';
type Ordered = GivenHub & { readonly reversal: Reversal };

/** KES 37 from nobody known lie in suspense, and a person has ordered them back. */
function ordered(changes: { readonly resultsTrusted?: boolean } = {}): Ordered {
  const hub = given({ wallets: { [kiosk]: 9_000 }, ...changes });
  strayMoney(hub);
  const answer = reverseReceipt(hub, receipt);
  if (!answer.ok) throw new Error(answer.error.kind);
  return Object.assign(hub, { reversal: answer.value });
}
function strayMoney(hub: GivenHub): void {
  isListed(hub, receipt, { kind: 'suspense', why: 'nobody knows' });
}
function isListed({ books }: GivenHub, receipt: string, place: PaymentPlace): void {
  const listed = { receipt, at: nine, amountCents: cents(3_700), reference: 'HELLO' };
  books.evidence.take({ ...listed, phone: undefined }, place, 'list', nine);
}
const state = (hub: Ordered) => hub.books.reversals.find(hub.reversal.id)?.state;
const balance = (hub: GivenHub, account: string) => hub.books.views.accountBalance(account);
const isDue = (hub: GivenHub, kind: string) =>
  hub.books.deeds.due(hub.clock.now(), 99).some((deed) => deed.kind === kind);

async function sends(hub: Ordered, answer?: ReversalAnswer): Promise<void> {
  if (answer) hub.money.says.reverse.push(answer);
  await sendReversal(hub, hub.reversal.id);
}
async function hears(hub: Ordered, claim: Claim, timedOut = false): Promise<void> {
  const paths = hub.money.reversals.at(-1);
  const token = (timedOut ? paths?.timeoutToken : paths?.resultToken) ?? '';
  await readReversalCallback(hub, knock(hub, token, claim) ?? '');
}
async function asksAndHears(hub: Ordered, claim: Claim): Promise<void> {
  await askAboutReversal(hub, hub.reversal.id);
  const { resultToken } = hub.money.receiptQuestions.at(-1) ?? { resultToken: '' };
  await readReversalCallback(hub, knock(hub, resultToken, claim) ?? '');
}
const result = (code: string, differs: Partial<Extract<Claim, { kind: 'reversal' }>> = {}) => ({
  ...{ kind: 'reversal' as const, final: true, code, reversed: ['0', 'R000001'].includes(code) },
  ...{ transactionId: undefined, amountCents: undefined, ...differs },
});
const unclear = { kind: 'unclear', why: 'the answer was lost' } as const;

reversing('S54: goes back once: the money is set aside, sent, and gone', async () => {
  using hub = ordered();
  assert.equal([balance(hub, 'suspense'), balance(hub, 'out-in-flight')], [0, 3_700]);
  await sends(hub);
  assert.equal(
    hub.money.reversals.map((one) => [one.receipt, one.amountCents]),
    [[receipt, 3_700]],
  );
  assert.is(state(hub), 'pending');
  await hears(hub, result('0', { transactionId: 'SG9' }));
  assert.equal([state(hub), balance(hub, 'out-in-flight')], ['reversed', 0]);
  assert.is(heard(hub, 'reversal.done').length, 1);
  await hears(hub, result('0', { transactionId: 'SG10' }));
  await sends(hub);
  assert.equal([hub.money.reversals.length, heard(hub, 'reversal.done').length], [1, 1]);
  assert.equal([waitingDeeds(hub), hub.books.audit.imbalances()], [[], []]);
});

reversing('S54: "already reversed" is a success', async () => {
  using hub = ordered();
  await sends(hub);
  await hears(hub, result('R000001'));
  assert.is(state(hub), 'reversed');
});

reversing('takes it out of the wallet that holds it, and no more than is there', () => {
  using hub = given({ wallets: { [kiosk]: 9_000 } });
  const refusal = (which: string) => {
    const answer = reverseReceipt(hub, which);
    return answer.ok ? 'taken' : answer.error.kind;
  };
  assert.is(refusal('UJ22T8IYOU'), 'unknown-receipt', 'only a callback may have claimed it');
  isListed(hub, 'UJ22T8IYOU', { kind: 'wallet', household: kiosk });
  assert.is(refusal('UJ22T8IYOU'), 'taken');
  assert.equal([balance(hub, `wallet:${kiosk}`), balance(hub, 'out-in-flight')], [9_000, 3_700]);
  assert.is(refusal('UJ22T8IYOU'), 'ordered-before');
  isListed(hub, 'UJ33T8IYOU', { kind: 'wallet', household: tailor });
  withdraw(hub, { household: tailor, amountCents: 1_000, phone: undefined });
  assert.is(refusal('UJ33T8IYOU'), 'not-enough', 'some of it is spent');
  assert.equal(hub.books.audit.imbalances(), []);
});

reversing(
  'S54, C14: after an unclear answer the original payment is asked about, not repeated',
  async () => {
    using hub = ordered();
    await sends(hub, unclear);
    assert.equal([state(hub), waitingDeeds(hub)], ['unknown', ['ask-about-reversal']]);
    await sends(hub);
    assert.is(hub.money.reversals.length, 1, 'not before M-Pesa has said something');
    await asksAndHears(hub, aStatus({ answered: false, status: undefined }));
    await sends(hub);
    assert.is(hub.money.reversals.length, 1);
    assert.equal(hub.money.receiptQuestions[0]?.receipt, receipt);
    await asksAndHears(hub, aStatus({ status: 'completed' }));
    assert.is(isDue(hub, 'reverse'), true, 'it stands, so the order may go once more');
    await sends(hub);
    await hears(hub, result('R000001'));
    assert.equal([hub.money.reversals.length, state(hub)], [2, 'reversed']);
  },
);

reversing('C14: after a power cut while it was sent, the same', async () => {
  using hub = ordered();
  const expires = (nine + 9 * minuteMs) as never;
  hub.books.reversals.markSent(hub.reversal, { resultHash: 'a', timeoutHash: 'b', expires }, nine);
  await sends(hub);
  assert.equal([hub.money.reversals.length, isDue(hub, 'ask-about-reversal')], [0, true]);
  await asksAndHears(hub, aStatus({ status: 'reversed' }));
  assert.is(state(hub), 'reversed');
});

reversing('S54: a lost result: after two minutes the original payment tells', async () => {
  using hub = ordered();
  await sends(hub);
  assert.is(isDue(hub, 'ask-about-reversal'), false);
  hub.clock.advance(2 * minuteMs);
  assert.is(isDue(hub, 'ask-about-reversal'), true);
  await asksAndHears(hub, aStatus({ status: 'reversed' }));
  assert.is(state(hub), 'reversed');
});

reversing(
  'a queue that timed out, a busy M-Pesa or a strange code only make the hub ask',
  async () => {
    for (const code of ['26', '17', '7777']) {
      using hub = ordered({ resultsTrusted: true });
      await sends(hub);
      await hears(hub, result(code));
      assert.equal([state(hub), isDue(hub, 'ask-about-reversal')], ['pending', true], code);
    }
    using hub = ordered();
    await sends(hub);
    await hears(hub, { kind: 'timeout' }, true);
    await hears(hub, result('0', { final: false }));
    await hears(hub, result('0', { amountCents: 3_600 }));
    assert.equal([state(hub), isDue(hub, 'ask-about-reversal')], ['pending', true]);
  },
);

reversing(
  'failed over a trusted way: the money is where it was, and may be ordered again',
  async () => {
    using hub = ordered({ resultsTrusted: true });
    await sends(hub);
    await hears(hub, result('R000002'));
    assert.equal([state(hub), balance(hub, 'suspense')], ['failed', 3_700]);
    assert.is(heard(hub, 'reversal.failed').length, 1);
    const again = reverseReceipt(hub, receipt);
    assert.is(again.ok, true);
    assert.equal(hub.books.audit.imbalances(), []);
  },
);

reversing('failed over an untrusted way: a person decides, either way', async () => {
  for (const decision of ['it-went-back', 'it-did-not-go-back'] as const) {
    using hub = ordered();
    assert.equal(decideReversal(hub, hub.reversal.id, decision).ok, false, 'not yet');
    await sends(hub);
    await hears(hub, result('R000002'));
    assert.equal([state(hub), balance(hub, 'out-in-flight')], ['review', 3_700]);
    assert.is(heard(hub, 'reversal.unsure').length, 1);
    assert.is(decideReversal(hub, hub.reversal.id, decision).ok, true);
    const back = decision === 'it-went-back' ? 0 : 3_700;
    assert.equal([balance(hub, 'suspense'), balance(hub, 'out-in-flight')], [back, 0]);
    assert.equal(hub.books.audit.imbalances(), []);
  }
  using hub = ordered();
  assert.equal(decideReversal(hub, 'nothing' as ReversalId, 'it-went-back').ok, false);
});

reversing(
  'refused at the door: the money is where it was, unless an earlier send is in doubt',
  async () => {
    const refused = { kind: 'refused', code: '400.002.02', again: false } as const;
    using hub = ordered();
    await sends(hub, refused);
    assert.equal([state(hub), balance(hub, 'suspense')], ['failed', 3_700]);
    using doubt = ordered();
    await sends(doubt, unclear);
    await asksAndHears(doubt, aStatus({ status: 'completed' }));
    await sends(doubt, refused);
    assert.equal([state(doubt), balance(doubt, 'suspense')], ['unknown', 0]);
    assert.is(isDue(doubt, 'reverse'), false);
  },
);

reversing('not sent, or busy: later, and still at most once', async () => {
  for (const answer of [
    { kind: 'not-sent', why: 'no network' },
    { kind: 'refused', code: '500.003.02', again: true },
  ] as const) {
    using hub = ordered();
    await sends(hub, answer);
    assert.equal([state(hub), isDue(hub, 'reverse')], ['intent', false]);
    hub.clock.advance(minuteMs);
    assert.is(isDue(hub, 'reverse'), true);
    await sends(hub);
    assert.equal([state(hub), hub.money.reversals.length], ['pending', 2]);
  }
});

reversing(
  'S62: a refused name stops reversals and their questions too, until a person resumes',
  async () => {
    using hub = ordered();
    await sends(hub, { kind: 'misconfigured', why: 'no such initiator' });
    hub.clock.advance(60 * minuteMs);
    await sends(hub);
    assert.equal([state(hub), hub.money.reversals.length], ['intent', 1]);
    resumePayouts(hub, 'credential', undefined, 'a new password');
    assert.is(isDue(hub, 'reverse'), true);
    await sends(hub);
    await hears(hub, result('2001'));
    await askAboutReversal(hub, hub.reversal.id);
    assert.equal([hub.money.reversals.length, hub.money.receiptQuestions.length], [2, 0]);
    assert.is(heard(hub, 'payouts.paused').length, 2);
  },
);

reversing('after many questions without an answer a person must look', async () => {
  using hub = ordered();
  await sends(hub, unclear);
  for (let n = 0; n < 25; n++) await askAboutReversal(hub, hub.reversal.id);
  assert.equal([state(hub), hub.money.receiptQuestions.length], ['review', 24]);
  await hears(hub, result('0'));
  assert.is(state(hub), 'reversed', 'and a late success still ends it');
});

reversing('reads nothing into what is not about a reversal', async () => {
  using hub = ordered();
  await sends(hub);
  await hears(hub, { kind: 'unreadable', why: 'not JSON' });
  await hears(hub, aStatus({ status: 'authorized' }));
  await hears(hub, { kind: 'confirmation', receipt, amountCents: 1, reference: '', phone: '' });
  assert.is(state(hub), 'pending');
});

reversing.run();
