/** The client and the simulated M-Pesa, which were written from the same pages and share no code, over a real socket. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDaraja } from '../../../gateway/adapters/daraja/open-daraja.ts';
import { cents, epochMs } from '../../../gateway/core/units.ts';
import type { CallbackKind, Claim } from '../../../gateway/ports/mobile-money.ts';
import { aNeighbourhood, shortcode, startMs, until } from '../../simulators/daraja/neighbours.ts';
import { certificatePem } from './certificate.ts';
import { aPayout, aPhone, aPush } from './neighbours.ts';

const meeting = suite('the client meets the simulated M-Pesa');
const payer = aPhone('0708374100');
const hourMs = 3_600_000;
const tokens = { resultToken: '1'.repeat(32), timeoutToken: '2'.repeat(32) };
const fullDay = { from: epochMs(startMs - hourMs), to: epochMs(startMs + hourMs), offset: 0 };

async function aMeeting(certificate?: string) {
  const things = new AsyncDisposableStack();
  const { ear, mpesa } = things.use(await aNeighbourhood({ b2cShortcode: shortcode }));
  const money = things.use(
    openDaraja({
      environment: 'simulator',
      baseUrl: mpesa.url,
      ...{ consumerKey: 'a-key', consumerSecret: 'a-secret', passkey: 'a-passkey', shortcode },
      ...{ initiatorName: 'testapi', initiatorPassword: 'Safe#Word1' },
      publicKeyPem: certificate ?? mpesa.certificatePem,
      nominatedPhone: '254700000000',
      callbackUrl: () => new URL(ear.url).origin,
      now: () => mpesa.now(),
      elapsedMs: () => performance.now(),
      requestsPerSecond: 1_000,
    }),
  );
  /** What arrives at the path of this token, as the hub reads it. */
  const told = async (kind: CallbackKind, token: string, count = 1): Promise<Claim> => {
    const ours = () => ear.heard.filter(({ path }) => path.endsWith(token));
    await until(() => ours().length >= count);
    return money.readCallback(kind, Buffer.from(ours()[count - 1]?.text ?? ''));
  };
  /** The kiosk pays 37 shillings after a push; gives back the receipt. */
  const paid = async (): Promise<string> => {
    const push = aPush({ phone: payer });
    const ringing = await money.ring(push);
    assert.is(ringing.kind, 'accepted');
    const claim = await told('push', push.callbackToken);
    if (claim.kind !== 'push') throw new Error(claim.kind);
    assert.equal([claim.code, claim.amountCents], ['0', 3_700]);
    const id = ringing.kind === 'accepted' ? ringing.checkoutRequestId : '';
    assert.equal(await money.askAboutPush(id), { kind: 'paid' });
    return claim.receipt ?? '';
  };
  return { mpesa, money, told, paid, [Symbol.asyncDispose]: () => things.disposeAsync() };
}

meeting(
  'S7: a push is paid, is on the list under its reference, and a payout goes out',
  async () => {
    await using hub = await aMeeting();
    const receipt = await hub.paid();
    assert.equal(await hub.money.registerForLists(), { kind: 'registered' });
    assert.equal(await hub.money.registerForLists(), { kind: 'registered' });
    const page = await hub.money.listPayments(fullDay);
    if (page.kind !== 'listed') return assert.unreachable(page.kind);
    assert.equal(
      page.payments.map(({ at, ...payment }) => payment),
      [{ receipt, amountCents: 3_700, reference: 'K7F3Q0012A', phone: payer }],
    );
    assert.ok(Math.abs((page.payments[0]?.at ?? 0) - hub.mpesa.now()) < hourMs);
    const last = { kind: 'listed', payments: [], next: undefined };
    assert.equal(await hub.money.listPayments({ ...fullDay, offset: page.next ?? 0 }), last);

    const payout = aPayout({ phone: aPhone('0705912600'), ...tokens });
    assert.is((await hub.money.payOut(payout)).kind, 'accepted');
    const claim = await hub.told('payout-result', tokens.resultToken);
    assert.equal(claim.kind === 'disbursement' && [claim.verdict, claim.amountCents], [
      'done',
      3_700,
    ]);
    assert.equal(await hub.money.payOut(payout), { kind: 'duplicate' });
  },
);

meeting('S54: a payment goes back once, and the second order says that it did', async () => {
  await using hub = await aMeeting();
  const receipt = await hub.paid();
  const order = { receipt, amountCents: cents(3_700), ...tokens };
  for (const [count, code] of [
    [1, '0'],
    [2, 'R000001'],
  ] as const) {
    assert.is((await hub.money.reverse(order)).kind, 'accepted');
    const claim = await hub.told('reversal-result', tokens.resultToken, count);
    assert.equal(claim.kind === 'reversal' && [claim.reversed, claim.code], [true, code]);
  }
  assert.is((await hub.money.reverse({ ...order, receipt: 'AAAAAAAAAA' })).kind, 'accepted');
  const claim = await hub.told('reversal-result', tokens.resultToken, 3);
  assert.equal(claim.kind === 'reversal' && [claim.reversed, claim.code], [false, 'R000002']);
});

meeting('tells what became of a receipt, and what lies in the Utility account', async () => {
  await using hub = await aMeeting();
  assert.equal(await hub.money.askBalance(tokens), { kind: 'asked' });
  const before = await hub.told('balance-result', tokens.resultToken);
  const receipt = await hub.paid();
  assert.equal(await hub.money.askBalance(tokens), { kind: 'asked' });
  const after = await hub.told('balance-result', tokens.resultToken, 2);
  if (before.kind !== 'balance' || after.kind !== 'balance') return assert.unreachable();
  assert.ok(before.answered && after.answered);
  assert.is((after.utilityCents ?? 0) - (before.utilityCents ?? 0), 3_700);
  assert.is(after.chargesPaidCents, 0);

  const question = { receipt, ...tokens };
  assert.equal(await hub.money.askAboutReceipt(question), { kind: 'asked' });
  const claim = await hub.told('receipt-result', tokens.resultToken, 3);
  assert.equal(claim.kind === 'status' && [claim.status, claim.receipt, claim.amountCents], [
    'completed',
    receipt,
    3_700,
  ]);
});

meeting('S52: money sent by hand is announced with its reference and a masked number', async () => {
  await using hub = await aMeeting();
  const [confirmation, validation] = ['3'.repeat(32), '4'.repeat(32)];
  const registered = await hub.money.registerConfirmations({ confirmation, validation });
  assert.equal(registered, { kind: 'registered' });
  await hub.mpesa.sendByHand({ phone: payer, reference: 'K7F3Q', amountCents: cents(5_000) });
  const claim = await hub.told('confirmation', confirmation);
  if (claim.kind !== 'confirmation') return assert.unreachable(claim.kind);
  assert.equal([claim.amountCents, claim.reference, claim.phone], [5_000, 'K7F3Q', undefined]);
});

meeting('S63: the certificate of another environment is told in the result, as 2001', async () => {
  await using hub = await aMeeting(certificatePem);
  const payout = aPayout({ phone: aPhone('0705912600'), ...tokens });
  assert.is((await hub.money.payOut(payout)).kind, 'accepted');
  const claim = await hub.told('payout-result', tokens.resultToken);
  assert.equal(claim.kind === 'disbursement' && [claim.code, claim.verdict], ['2001', 'stop']);
  assert.is(hub.mpesa.payouts().length, 0);
});

meeting.run();
