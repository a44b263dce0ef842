import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { counties, countiesLike, countyOf } from '../../gateway/core/counties.ts';

const finding = suite('where in Kenya a hub stands');

finding('all 47 counties have a middle inside Kenya, each its own', () => {
  assert.is(counties.length, 47);
  assert.is(new Set(counties.map(({ name }) => name)).size, 47);
  assert.is(
    new Set(counties.map(({ latitude, longitude }) => `${latitude} ${longitude}`)).size,
    47,
  );
  for (const { name, latitude, longitude } of counties) {
    assert.ok(latitude > -4.75 && latitude < 5.1, name);
    assert.ok(longitude > 33.9 && longitude < 41.95, name);
  }
});

finding('a county is found by its code and as people write it', () => {
  assert.is(countyOf('47')?.name, 'Nairobi');
  for (const typed of ['Nairobi', ' nairobi city ', 'NAIROBI County'])
    assert.is(countyOf(typed)?.code, 47);
  assert.is(countyOf('Muranga')?.code, 21);
  assert.is(countyOf('taita taveta')?.code, 6);
  assert.is(countyOf('Tharaka Nithi')?.code, 13);
});

finding('what is no county is none, and something near is offered', () => {
  for (const typed of ['', '0', '48', 'Kampala', 'Nai']) assert.is(countyOf(typed), undefined);
  assert.equal(countiesLike('Narobi'), ['Nandi', 'Nakuru', 'Narok', 'Nairobi']);
  assert.equal(countiesLike('xyz'), []);
});

finding.run();
