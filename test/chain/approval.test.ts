/** The way of an approval: a link, a phone wallet that asks and signs, and the hub that looks. */
import { Connection, Keypair, Transaction } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTicket, writeTicket } from '../../gateway/core/approval-ticket.ts';
import { dayMs } from '../../gateway/core/slot.ts';
import { epochMs, wattHours } from '../../gateway/core/units.ts';
import { openWalletDesk } from '../../gateway/open-desk-wallets.ts';
import { valueIn } from '../adapters/solana/neighbours.ts';
import { openedWeb, token } from '../adapters/web/fake-desk.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';
import { aHouseWithItsOwnKey, type OwnScene } from './an-own-wallet.ts';

const approving = suite('allowing the hub to move tokens');
const at = 'https://hub.example';

const ticketOf = ({ hub }: OwnScene, kwh = 3): string => {
  const { link } = valueIn(openWalletDesk(hub).approvalLink(corner, kwh, at));
  assert.ok(link.startsWith('solana:https%3A%2F%2Fhub.example%2Fpay%2Fapprove%2F'));
  return decodeURIComponent(link.slice('solana:'.length)).split('/').at(-1) ?? '';
};

approving('a phone wallet asks, signs and sends; the hub sees what it may move', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub, owner, fetch } = scene;
  await using web = await openedWeb({ wallets: openWalletDesk(hub) });
  const url = `${web.web.url}/pay/approve/${ticketOf(scene)}`;
  const asked = (await (await globalThis.fetch(url)).json()) as { label: string; icon: string };
  assert.is(asked.label, 'Jirani');
  assert.match(asked.icon, '/icon.svg');
  const post = (account: string) =>
    globalThis.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account }),
    });
  assert.is((await post(Keypair.generate().publicKey.toBase58())).status, 409);
  const answer = await post(owner.publicKey.toBase58());
  assert.is(answer.status, 200);
  const { transaction, message } = (await answer.json()) as Record<string, string>;
  assert.match(message ?? '', '3000 Wh');
  const received = Transaction.from(Buffer.from(transaction ?? '', 'base64'));
  assert.ok(received.feePayer?.equals(scene.hubKey), 'the household needs no SOL');
  received.partialSign(owner);
  const connection = new Connection('http://embedded.invalid', { fetch });
  await connection.sendRawTransaction(received.serialize());
  scene.pass(2);
  await scene.look();
  const view = valueIn(openWalletDesk(hub).wallet(corner));
  assert.equal([view.own, view.allowanceWh, view.obstacle], [true, 3_000, null]);
});

approving('a link that is over, changed or for a kept wallet lets nobody sign', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub, owner } = scene;
  const desk = openWalletDesk(hub);
  const account = owner.publicKey.toBase58();
  const ticket = ticketOf(scene);
  assert.ok((await desk.approval(ticket, account)).ok);
  for (const changed of [ticket.replace('.3000.', '.9000.'), `${ticket}0`, 'x', ''])
    assert.not((await desk.approval(changed, account)).ok, changed);
  hub.clock.advance(dayMs);
  assert.not((await desk.approval(ticket, account)).ok);
  assert.not(desk.approvalLink(kiosk, 3, at).ok);
});

approving('a ticket says exactly what it was written for', () => {
  const mark = (text: string) => Buffer.from(text).toString('hex').padEnd(32, '0').slice(-32);
  const ticket = { household: corner, allowanceWh: wattHours(5), until: epochMs(nine + 1) };
  const text = writeTicket(ticket, mark);
  assert.equal(readTicket(text, mark, nine), ticket);
  assert.is(readTicket(text, mark, epochMs(nine + 1)), undefined);
  assert.is(
    readTicket(text, (words) => mark(`${words}!`), nine),
    undefined,
  );
});

approving(
  'the operator’s calls show a wallet, bring one and make a link; others are refused',
  async () => {
    using scene = await aHouseWithItsOwnKey();
    await using web = await openedWeb({ wallets: openWalletDesk(scene.hub) });
    const call = async (path: string, body?: object, authorized = true) => {
      const response = await fetch(`${web.web.url}/api/households/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(authorized ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        answer: (await response.json()) as Record<string, unknown>,
      };
    };
    assert.is((await call('kiosk/token-wallet', undefined, false)).status, 401);
    const kept = await call('kiosk/token-wallet');
    assert.equal([kept.status, kept.answer['own']], [200, false]);
    assert.is((await call('kiosk/token-wallet', { address: 'nonsense' })).status, 400);
    const taken = { address: scene.owner.publicKey.toBase58() };
    assert.is((await call('kiosk/token-wallet', taken)).status, 409);
    const own = { address: Keypair.generate().publicKey.toBase58() };
    const brought = await call('kiosk/token-wallet', own);
    assert.equal([brought.status, brought.answer['address']], [200, own.address]);
    assert.match(String(brought.answer['obstacle']), 'not looked at yet');
    const made = await call('kiosk/token-wallet/approval', { kwh: 3, at });
    assert.match(String(made.answer['link']), 'solana:https%3A');
  },
);

approving.run();
