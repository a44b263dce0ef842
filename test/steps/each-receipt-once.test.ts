/** Whatever order answer, callback, list, confirmation and person come in: each receipt is credited once. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Listed } from '../../gateway/core/evidence.ts';
import type { Topup } from '../../gateway/core/topup.ts';
import { assignPayment } from '../../gateway/steps/assign-payment.ts';
import { confirmTopup } from '../../gateway/steps/confirm-topup.ts';
import { decideTopup } from '../../gateway/steps/decide-topup.ts';
import { readPushCallback } from '../../gateway/steps/read-push-callback.ts';
import { aPushClaim, notPaid } from '../support/fake-money.ts';
import { type GivenHub, given, knock } from '../support/given.ts';
import { corner, kiosk, tailor } from '../support/neighbourhood.ts';
import { aPayment, compareWith } from '../support/payments.ts';
import { aRingingTopup } from '../support/topups.ts';

const once = suite('each receipt once');
const reason = 'seen on the portal';

type Push = { readonly topup: Topup; readonly token: string; readonly payment: Listed };
type World = {
  readonly hub: GivenHub;
  readonly pushes: readonly Push[];
  readonly byHand: Listed[];
};

/** The kiosk and the tailor are asked; both pay. One sends money by hand with its code, one with a wrong one. */
function world(): World {
  const hub = given();
  const pushes = [kiosk, tailor].map((household, n) => {
    const checkoutRequestId = `ws_CO_${n}`;
    const asked = aRingingTopup(hub, {
      household,
      checkoutRequestId,
      amountCents: 3_000 + n * 100,
    });
    const { accountReference: reference, amountCents } = asked.topup;
    return {
      ...asked,
      payment: aPayment(hub, { receipt: `PUSH00000${n}`, reference, amountCents }),
    };
  });
  const reference = hub.books.households.find(corner)?.code ?? '';
  const coded = aPayment(hub, { receipt: 'BYHAND0001', reference, amountCents: 700 });
  const stray = aPayment(hub, { receipt: 'STRAY00001', amountCents: 900 });
  return { hub, pushes, byHand: [coded, stray] };
}

const evidences = [
  'answer',
  'failure',
  'callback',
  'forged',
  'list',
  'part',
  'person',
  'typo',
  'assign',
  'hour',
] as const;
type Evidence = { readonly what: (typeof evidences)[number]; readonly which: 0 | 1 };

async function comes({ hub, pushes, byHand }: World, { what, which }: Evidence): Promise<void> {
  const push = pushes[which];
  if (push === undefined) throw new Error('no such push');
  const { topup, token, payment } = push;
  const other = pushes[1 - which]?.payment.receipt ?? '';
  const says = async (receipt: string, amountCents: number) => {
    const id = topup.checkoutRequestId ?? '';
    const claim = aPushClaim({ checkoutRequestId: id, receipt, amountCents });
    const message = knock(hub, token, claim);
    if (message !== undefined) await readPushCallback(hub, message);
  };
  switch (what) {
    case 'answer':
    case 'failure':
      hub.money.says.push.push(what === 'answer' ? { kind: 'paid' } : notPaid('1037'));
      await confirmTopup(hub, topup.id);
      hub.money.says.push.length = 0;
      return;
    case 'callback':
      return says(payment.receipt, payment.amountCents);
    case 'forged':
      return says(other, which === 0 ? payment.amountCents : 100);
    case 'list':
      return void (await compareWith(hub, ...pushes.map((one) => one.payment), ...byHand));
    case 'part':
      return void (await compareWith(hub, payment, ...byHand.slice(which, which + 1)));
    case 'person':
      return void decideTopup(hub, topup.id, { kind: 'paid', receipt: payment.receipt, reason });
    case 'typo':
      return void decideTopup(hub, topup.id, {
        kind: 'paid',
        receipt: `TYPO00000${which}`,
        reason,
      });
    case 'assign':
      return void assignPayment(hub, {
        ...{
          receipt: byHand[which]?.receipt ?? '',
          household: corner,
          amountCents: undefined,
          reason,
        },
      });
    case 'hour':
      return void hub.clock.advance(3_600_000);
  }
}

const wallets = ({ hub }: World) =>
  [kiosk, tailor, corner].map((id) => hub.books.trades.walletOf(id));

async function live(story: readonly Evidence[]): Promise<void> {
  const here = world();
  using hub = here.hub;
  for (const evidence of story) {
    await comes(here, evidence);
    assert.equal([hub.books.audit.trialBalance('cents'), hub.books.audit.imbalances()], [0, []]);
    const [kioskHas = 0, tailorHas = 0, cornerHas = 0] = wallets(here);
    assert.ok(kioskHas <= 3_000 && tailorHas <= 3_100 && cornerHas <= 1_600, String(wallets(here)));
  }
  await comes(here, { what: 'list', which: 0 });
  await comes(here, { what: 'assign', which: 1 });
  assert.equal(wallets(here), [3_000, 3_100, 1_600]);
  assert.equal([hub.books.views.accountBalance('suspense'), hub.books.audit.imbalances()], [0, []]);
}

once('under any interleaving of evidence, and in the end all of it', async () => {
  const evidence = fc.record({
    what: fc.constantFrom(...evidences),
    which: fc.constantFrom(0 as const, 1 as const),
  });
  await fc.assert(fc.asyncProperty(fc.array(evidence, { maxLength: 14 }), live), {
    numRuns: 50,
    seed: 20_261_125,
  });
});

once.run();
