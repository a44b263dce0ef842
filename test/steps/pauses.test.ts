import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId, PayoutId } from '../../gateway/core/ids.ts';
import type { Payout } from '../../gateway/core/payout.ts';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import type { Claim, PayoutVerdict } from '../../gateway/ports/mobile-money.ts';
import { askAboutPayout } from '../../gateway/steps/ask-about-payout.ts';
import { pausePayouts } from '../../gateway/steps/pause-payouts.ts';
import { readPayoutCallback } from '../../gateway/steps/read-payout-callback.ts';
import { resumePayouts, resumeWhenFunded } from '../../gateway/steps/resume-payouts.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { withdraw } from '../../gateway/steps/withdraw.ts';
import { aResult, aStatus } from '../support/fake-money.ts';
import { type GivenHub, given, heard, knock } from '../support/given.ts';
import { corner, kiosk, nine, tailor } from '../support/neighbourhood.ts';

const pausing = suite('when payouts must wait');

const wallets = { [kiosk]: 20_000, [corner]: 20_000, [tailor]: 20_000 };

/** Each of them withdraws KES 60; nothing is sent yet. */
function waiting(changes: Parameters<typeof given>[0] = {}) {
  const hub = given({ wallets, ...changes });
  const of = (household: HouseholdId): Payout => {
    const answer = withdraw(hub, { household, amountCents: 6_000, phone: undefined });
    if (!answer.ok) throw new Error(answer.error.kind);
    return answer.value;
  };
  return Object.assign(hub, { first: of(kiosk), second: of(corner), third: of(tailor) });
}
/** M-Pesa took this payout, and then this result came. */
async function sentAndHeard(hub: GivenHub, payout: Payout, claim: Claim): Promise<void> {
  await sendPayout(hub, payout.id);
  await hears(hub, claim);
}
async function hears(hub: GivenHub, claim: Claim): Promise<void> {
  const { resultToken } = hub.money.paidOut.at(-1) ?? { resultToken: '' };
  await readPayoutCallback(hub, knock(hub, resultToken, claim) ?? '');
}
const objects = (code: string, verdict: PayoutVerdict) => aResult({ code, verdict, words: 'No.' });
const state = (hub: GivenHub, { id }: Payout) => hub.books.payouts.find(id)?.state;
const causes = (hub: GivenHub, household?: HouseholdId) =>
  hub.books.pauses.holding(hub.clock.now(), household).map(({ cause }) => cause);
const isDue = (hub: GivenHub, { id }: Payout, kind = 'pay-out') =>
  hub.books.deeds
    .due(hub.clock.now(), 99)
    .some((deed) => deed.subject === id && deed.kind === kind);

pausing(
  'S61: code 1 pauses everybody; what waits stays unsent until the float is filled',
  async () => {
    using hub = waiting();
    await sentAndHeard(hub, hub.first, objects('1', 'pause'));
    assert.equal(causes(hub), ['float']);
    assert.equal(
      heard(hub, 'payouts.paused').map(({ cause }) => cause),
      ['float'],
    );
    await sendPayout(hub, hub.second.id);
    assert.equal([state(hub, hub.second), hub.money.paidOut.length], ['intent', 1]);
    assert.is(isDue(hub, hub.second), false);
    await askAboutPayout(hub, hub.first.id);
    assert.is(hub.money.questions.length, 1, 'asking costs nothing');
    looked(hub, 17_999);
    resumeWhenFunded(hub);
    assert.equal(causes(hub), ['float'], 'KES 60 that were too much and twice 60 that wait');
    looked(hub, 18_000);
    resumeWhenFunded(hub);
    assert.equal(causes(hub), []);
    assert.is(isDue(hub, hub.second), true);
    await sendPayout(hub, hub.second.id);
    assert.is(hub.money.paidOut.length, 2);
  },
);
/** M-Pesa was asked for its balance and has answered. */
function looked(hub: GivenHub, utilityCents: number, askedAt = hub.clock.now()): void {
  const id = hub.ids.fresh();
  const ours = { utilityCents: 0, chargesCents: 0 };
  const open = { answeredAt: undefined, theirs: undefined, off: undefined };
  const look = { id, askedAt, ours, inFlightCents: cents(0), ...open };
  hub.books.watch.askBalance(look, `r${id}`, `t${id}`, epochMs(askedAt + dayMs));
  const theirs = { utilityCents, chargesCents: 0 };
  hub.books.watch.answered(id, theirs, ours, hub.clock.now());
  hub.clock.advance(1_000);
}

pausing('a balance that was asked for before the pause ends nothing; a person does', async () => {
  using hub = waiting();
  looked(hub, 99_000);
  await sentAndHeard(hub, hub.first, objects('1', 'pause'));
  resumeWhenFunded(hub);
  assert.equal(causes(hub), ['float']);
  assert.is(resumePayouts(hub, 'float', undefined, 'filled by hand'), true);
  assert.is(resumePayouts(hub, 'float', undefined, 'once more'), false);
  assert.equal(
    heard(hub, 'payouts.resumed').map(({ why }) => why),
    ['filled by hand'],
  );
});

pausing(
  'S62: 2001 once stops everything that uses the hub’s name, until a person resumes',
  async () => {
    for (const code of ['2001', '8006', '18', '20', '21', '22', '11', '2006', '2028']) {
      using hub = waiting();
      await sentAndHeard(hub, hub.first, objects(code, 'stop'));
      assert.equal(causes(hub), ['credential'], code);
      hub.clock.advance(3 * dayMs);
      for (const { id } of [hub.first, hub.second, hub.third]) {
        await sendPayout(hub, id);
        await askAboutPayout(hub, id);
      }
      looked(hub, 99_000_000);
      resumeWhenFunded(hub);
      assert.equal([hub.money.paidOut.length, hub.money.questions.length], [1, 0], code);
      assert.equal([state(hub, hub.first), state(hub, hub.second)], ['pending', 'intent']);
      resumePayouts(hub, 'credential', undefined, 'a new password');
      assert.is(isDue(hub, hub.first, 'ask-about-payout'), true, 'first of all it is asked about');
      assert.is(isDue(hub, hub.second), true);
    }
  },
);

pausing('S62: misconfigured at the door stops everybody, and that payout is not sent', async () => {
  using hub = waiting();
  hub.money.says.payOut.push({ kind: 'misconfigured', why: 'no such initiator' });
  await sendPayout(hub, hub.first.id);
  await sendPayout(hub, hub.second.id);
  assert.equal([causes(hub), hub.money.paidOut.length], [['credential'], 1]);
  assert.equal([state(hub, hub.first), state(hub, hub.second)], ['intent', 'intent']);
  assert.is(hub.books.views.accountBalance('out-in-flight'), 18_000);
});

pausing(
  'S62: a status question that is refused for the hub’s name stops everybody too',
  async () => {
    using hub = waiting();
    await sendPayout(hub, hub.first.id);
    await askAboutPayout(hub, hub.first.id);
    const token = hub.money.questions[0]?.resultToken ?? '';
    const refused = aStatus({ answered: false, code: '8006', status: undefined });
    await readPayoutCallback(hub, knock(hub, token, refused) ?? '');
    assert.equal(causes(hub), ['credential']);
  },
);

pausing(
  'S62: of a whole batch only one goes out before M-Pesa has taken the hub’s name',
  async () => {
    using hub = waiting();
    await Promise.all([hub.first, hub.second, hub.third].map(({ id }) => sendPayout(hub, id)));
    assert.is(hub.money.paidOut.length, 1);
    await hears(hub, objects('2001', 'stop'));
    hub.clock.advance(minuteMs);
    for (const { id } of [hub.second, hub.third]) await sendPayout(hub, id);
    assert.is(hub.money.paidOut.length, 1, 'one bad try, not three');
    resumePayouts(hub, 'credential', undefined, 'a new password');
    for (const { id } of [hub.second, hub.third]) await sendPayout(hub, id);
    assert.is(hub.money.paidOut.length, 1, 'the first is still to be asked about');
    hub.books.payouts.fail(hub.first, 'a person looked', hub.clock.now());
    for (const { id } of [hub.second, hub.third]) await sendPayout(hub, id);
    assert.is(hub.money.paidOut.length, 2, 'and the next goes alone again');
    await hears(hub, aResult());
    await sendPayout(hub, hub.third.id);
    assert.is(hub.money.paidOut.length, 3);
  },
);

pausing('S62: an answer to a question takes the hub’s name as well as a result does', async () => {
  for (const [code, sent] of [
    ['24', 2],
    ['2001', 1],
  ] as const) {
    using hub = waiting();
    await sendPayout(hub, hub.first.id);
    await askAboutPayout(hub, hub.first.id);
    const token = hub.money.questions[0]?.resultToken ?? '';
    const answer = aStatus({ answered: false, code, status: undefined });
    await readPayoutCallback(hub, knock(hub, token, answer) ?? '');
    await sendPayout(hub, hub.second.id);
    assert.is(hub.money.paidOut.length, sent, code);
  }
});

pausing(
  'a refusal that M-Pesa repeats after a person resumed does not stop anybody again',
  async () => {
    using hub = waiting();
    await sentAndHeard(hub, hub.first, objects('2001', 'stop'));
    resumePayouts(hub, 'credential', undefined, 'a new password');
    await hears(hub, aResult({ code: '2001', verdict: 'stop', words: 'No.', transactionId: 'X' }));
    assert.equal(causes(hub), []);
  },
);

pausing('a late refusal of a payout that is done stops nobody', async () => {
  using hub = waiting();
  await sentAndHeard(hub, hub.first, aResult());
  await hears(hub, objects('2001', 'stop'));
  assert.equal([causes(hub), state(hub, hub.first)], [[], 'done']);
});

pausing('S65: 2040 and SFC_IC0003 park one household; the others are paid', async () => {
  for (const code of ['2040', 'SFC_IC0003']) {
    using hub = waiting();
    await sentAndHeard(hub, hub.first, objects(code, 'park'));
    assert.equal([causes(hub, kiosk), causes(hub, corner)], [['receiver'], []]);
    await sendPayout(hub, hub.second.id);
    await sendPayout(hub, hub.third.id);
    assert.is(hub.money.paidOut.length, 3, code);
    hub.books.payouts.fail(hub.first, 'declined', nine);
    const again = withdraw(hub, { household: kiosk, amountCents: 6_000, phone: undefined });
    assert.is(again.ok, false, 'nothing goes to that phone');
    resumePayouts(hub, 'receiver', kiosk, 'they have registered');
    assert.equal(causes(hub, kiosk), []);
  }
});

pausing('a phone that takes no more today is tried tomorrow, without anybody’s doing', async () => {
  using hub = waiting();
  await sentAndHeard(hub, hub.first, objects('8', 'next-day'));
  assert.equal([causes(hub, kiosk), causes(hub, corner)], [['receiver-limit'], []]);
  hub.clock.advance(15 * hourMs - 1);
  assert.equal(causes(hub, kiosk), ['receiver-limit']);
  hub.clock.advance(1);
  assert.equal(causes(hub, kiosk), []);
});

pausing('S67: without a callback address nothing leaves; it goes when there is one', async () => {
  using hub = waiting();
  hub.money.says.payOut.push({ kind: 'not-sent', why: 'no callback address' });
  await sendPayout(hub, hub.first.id);
  assert.equal([state(hub, hub.first), isDue(hub, hub.first)], ['intent', false]);
  assert.is(hub.books.views.accountBalance('out-in-flight'), 18_000, 'set aside all the while');
  hub.clock.advance(minuteMs);
  assert.is(isDue(hub, hub.first), true);
  await sendPayout(hub, hub.first.id);
  assert.equal([state(hub, hub.first), hub.money.paidOut.length], ['pending', 2]);
  assert.is(new Set(hub.money.paidOut.map(({ conversationId }) => conversationId)).size, 1);
});

pausing(
  'S66: while results are hints a day’s payouts stay under the cap, and go on tomorrow',
  async () => {
    using hub = waiting();
    hub.books.settings.change('payoutDayMostCents', 13_000, nine);
    await sentAndHeard(hub, hub.first, aResult());
    for (const { id } of [hub.second, hub.third]) await sendPayout(hub, id);
    assert.is(hub.money.paidOut.length, 2);
    assert.equal([state(hub, hub.third), isDue(hub, hub.third)], ['intent', false]);
    hub.clock.advance(15 * hourMs);
    assert.is(isDue(hub, hub.third), true, 'after midnight');
    hub.books.payouts.finish(hub.second, undefined, cents(0), hub.clock.now());
    await sendPayout(hub, hub.third.id);
    assert.is(hub.money.paidOut.length, 3);
    using trusting = waiting({ resultsTrusted: true });
    trusting.books.settings.change('payoutDayMostCents', 7_000, nine);
    await sentAndHeard(trusting, trusting.first, aResult());
    await sendPayout(trusting, trusting.second.id);
    assert.is(trusting.money.paidOut.length, 2, 'trusted results need no cap');
  },
);

pausing('a person stops all payouts and lets them go on', async () => {
  using hub = waiting();
  assert.equal([pausePayouts(hub, 'audit'), pausePayouts(hub, 'audit')], [true, false]);
  await sendPayout(hub, hub.first.id);
  assert.equal(hub.money.paidOut, []);
  assert.match(hub.books.payouts.find(hub.first.id as PayoutId)?.detail ?? '', /audit/);
  assert.is(resumePayouts(hub, 'keeper', undefined, 'done'), true);
  await sendPayout(hub, hub.first.id);
  assert.is(hub.money.paidOut.length, 1);
});

pausing('two causes hold at once, and each is ended by itself', () => {
  using hub = waiting();
  const pause = { household: undefined, why: 'x', since: nine, until: undefined };
  hub.books.pauses.pause({ cause: 'float', ...pause });
  hub.books.pauses.pause({ cause: 'keeper', ...pause });
  resumePayouts(hub, 'float', undefined, 'filled');
  assert.equal(causes(hub), ['keeper']);
});

pausing.run();
