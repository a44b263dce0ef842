import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openCards } from '../../../gateway/adapters/node-red/cards.ts';

const cards = suite('cards that flows put on a page');

const aCard = (value: number | string = 7) => ({
  ...{ v: 1, title: { en: 'To spare', sw: 'Ziada' }, kind: 'value', value, unit: 'Wh' },
});
const bytes = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const kept = () => openCards((id) => id === 'clinic' || id === 'school');

cards('are kept for their household, the newest of a name', () => {
  const { hear, of } = kept();
  hear('households/clinic/card/spare', bytes(aCard(1)));
  hear('households/clinic/card/spare', bytes(aCard(2)));
  assert.equal(
    of('clinic').map(({ name, value }) => [name, value]),
    [['spare', 2]],
  );
  assert.equal(of('school'), []);
});

cards('go with an empty word', () => {
  const { hear, of } = kept();
  hear('households/clinic/card/spare', bytes(aCard()));
  hear('households/clinic/card/spare', new Uint8Array());
  assert.equal(of('clinic'), []);
});

cards('that are none, for nobody, or too many are not kept', () => {
  const { hear, of } = kept();
  hear('households/stranger/card/spare', bytes(aCard()));
  hear('households/clinic/surplus', bytes(aCard()));
  hear('households/clinic/card/a', bytes({ ...aCard(), onclick: 'x' }));
  hear('households/clinic/card/a', bytes({ ...aCard(), title: { en: 'x'.repeat(41), sw: 'y' } }));
  hear('households/clinic/card/a', bytes({ ...aCard('x'.repeat(161)) }));
  hear('households/clinic/card/a', new TextEncoder().encode('{'));
  assert.equal([of('stranger'), of('clinic')], [[], []]);
  for (let n = 0; n < 10; n++) hear(`households/clinic/card/c${n}`, bytes(aCard(n)));
  assert.is(of('clinic').length, 8);
});

cards(
  'that change are told of twice a second at most, and one that stays is not told of',
  async () => {
    const { hear, onChange } = kept();
    const told: string[] = [];
    const stop = onChange((household) => void told.push(household));
    const settle = () => new Promise((resolve) => setTimeout(resolve, 700));
    for (let n = 0; n < 1_000; n++) hear('households/clinic/card/a', bytes(aCard(n)));
    hear('households/school/card/a', bytes(aCard()));
    await settle();
    assert.equal(told, ['clinic', 'school']);
    hear('households/clinic/card/a', bytes(aCard(999)));
    hear('households/school/card/a', new Uint8Array());
    await settle();
    assert.equal(told, ['clinic', 'school', 'school']);
    stop();
    hear('households/clinic/card/a', bytes(aCard(1)));
    await settle();
    assert.is(told.length, 3);
  },
);

cards('hold no figure that fits no phone', () => {
  const { hear, of } = kept();
  hear('households/clinic/card/a', bytes(aCard(1e300)));
  assert.equal(of('clinic'), []);
});

cards.run();
