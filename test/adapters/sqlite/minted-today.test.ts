/** How much was minted today is known without summing it up before every signature. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenIntent } from '../../../gateway/core/token.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { aPaidTrade, type GivenHub, given } from '../../support/given.ts';
import { corner, kiosk, nine } from '../../support/neighbourhood.ts';

const minting = suite('what was minted today');

function signed(hub: GivenHub, intent: TokenIntent): void {
  const attempt = { signature: `of ${intent.id}`, raw: Buffer.alloc(1), lastValidHeight: 1 };
  const { books, clock } = hub;
  books.tokens.saveAttempt(intent, { ...attempt, genesisHash: 'x' }, clock.now());
}

minting('grows with every signature, without the one that is asked about', () => {
  using hub = given({ energy: { [corner]: 9_000 }, wallets: { [kiosk]: 20_000 } });
  const { tokens } = hub.books;
  const [one, other] = [aPaidTrade(hub).intent, aPaidTrade(hub).intent];
  assert.is(tokens.mintedSince(nine, one.id), 0);
  signed(hub, one);
  assert.is(tokens.mintedSince(nine, one.id), 0);
  assert.is(tokens.mintedSince(nine, other.id), 2_000);
  signed(hub, other);
  assert.is(tokens.mintedSince(nine, one.id), 2_000);
  assert.is(tokens.mintedSince(epochMs(nine + 1), one.id), 0);
});

minting('what proved impossible was not minted', () => {
  using hub = given({ energy: { [corner]: 9_000 }, wallets: { [kiosk]: 20_000 } });
  const { tokens, trades } = hub.books;
  const { trade, intent } = aPaidTrade(hub);
  const other = aPaidTrade(hub).intent;
  signed(hub, intent);
  assert.is(tokens.mintedSince(nine, other.id), 2_000);
  trades.undo(trades.find(trade.id) ?? trade, intent, 'impossible', hub.clock.now());
  assert.is(tokens.mintedSince(nine, other.id), 0);
});

minting.run();
