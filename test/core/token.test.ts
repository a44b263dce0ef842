import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expiryMarginBlocks, judgeHeight, mintNeeded } from '../../gateway/core/token.ts';
import { wattHours } from '../../gateway/core/units.ts';

const judging = suite('judging a transfer that no node has seen');

const lastValid = 1_000;
const judged = (height: number) => judgeHeight(height, lastValid);

judging('sends the same bytes again while the chain may still take them', () => {
  assert.equal([0, 999, 1_000].map(judged), ['send-again', 'send-again', 'send-again']);
});

judging('waits for a while after that, because a node may lag behind', () => {
  assert.equal([1_001, 1_150].map(judged), ['wait', 'wait']);
});

judging('looks closer when no node can lag that far behind', () => {
  assert.equal([1_151, 9_999].map(judged), ['look-closer', 'look-closer']);
  assert.is(expiryMarginBlocks, 150);
});

judging('never sends again once it has waited', () => {
  const verdicts = Array.from({ length: 400 }, (_, block) => judged(900 + block));
  const [last, first] = [verdicts.lastIndexOf('send-again'), verdicts.indexOf('wait')];
  assert.ok(last < first && verdicts.lastIndexOf('wait') < verdicts.indexOf('look-closer'));
});

const minting = suite('making tokens for energy');
const minted = (energyWh: number, onChainWh: number) => mintNeeded(wattHours(energyWh), onChainWh);

minting('makes only what the seller lacks on the chain', () => {
  assert.equal(
    [0, 1, 999, 1000, 1001].map((there) => minted(1000, there)),
    [1000, 999, 1, 0, 0],
  );
});

minting('makes nothing for nothing', () => {
  assert.is(minted(0, 0), 0);
});

judging.run();
minting.run();
