/** How Home Assistant comes to know the meters. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId, MeterId } from '../gateway/core/ids.ts';
import type { Reading } from '../gateway/core/reading.ts';
import { epochMs, milliWattHours } from '../gateway/core/units.ts';
import { openDiscovery } from '../gateway/open-discovery.ts';
import { given } from './support/given.ts';

const finding = suite('Home Assistant finds meters');

function aHub() {
  const hub = given();
  const advertised: [topic: string, text: string][] = [];
  const shown: [topic: string, body: unknown][] = [];
  const listeners: ((newest: readonly Reading[]) => void)[] = [];
  const open = () =>
    openDiscovery({
      books: hub.books,
      broker: {
        advertise: (topic, text) => void advertised.push([topic, text]),
        announce: (topic, body) => void shown.push([topic, body]),
      },
      readings: { onRecorded: (listener) => void listeners.push(listener) },
    });
  return {
    ...{ hub, advertised, shown, listeners, open },
    [Symbol.dispose]: () => hub[Symbol.dispose](),
  };
}

const topicOf = (meter: string): string => `homeassistant/device/${meter}/config`;

finding('each meter is said once, a new one when it comes, a revoked one is taken back', () => {
  using a = aHub();
  const { households } = a.hub.books;
  const here = households.registrations().map(({ meter }) => topicOf(meter));
  using discovery = a.open();
  discovery.look();
  discovery.look();
  assert.equal(
    a.advertised.map(([topic]) => topic),
    here,
  );
  a.advertised.length = 0;
  const [pv, household] = ['m-roof' as MeterId, a.hub.books.households.all()[0]?.id];
  households.register(pv, household as HouseholdId, 'pv', 'x', epochMs(1));
  discovery.look();
  const [[topic, text] = ['', '']] = a.advertised;
  assert.equal([topic, a.advertised.length], [topicOf(pv), 1]);
  const { components } = JSON.parse(text);
  assert.is(components.generation.device_class, 'energy');
  assert.is(components.generation.state_class, 'total_increasing');
  households.revoke(pv, epochMs(2));
  discovery.look();
  discovery.look();
  assert.equal(a.advertised.slice(1), [[topicOf(pv), '']]);
});

finding('what was revoked while the hub was down is taken back at its start', () => {
  using a = aHub();
  const { households } = a.hub.books;
  const [{ meter } = { meter: '' as MeterId }] = households.registrations();
  households.revoke(meter, epochMs(2));
  using _discovery = a.open();
  assert.equal(
    a.advertised.filter(([topic]) => topic === topicOf(meter)),
    [[topicOf(meter), '']],
  );
});

finding('shows whole watt-hours, rounded down, and not each reading of a flood', () => {
  using a = aHub();
  using _discovery = a.open();
  const meter = 'm-roof' as MeterId;
  const reading: Reading = {
    ...{ meter, sequence: 1, boot: 1, at: epochMs(61_500), timeSource: 'meter', flags: 0 },
    ...{ importMwh: milliWattHours(1_999), exportMwh: milliWattHours(5_000) },
    ...{ generationMwh: milliWattHours(999), powerMw: -1_500, voltageMv: 230_000 },
  };
  for (const listener of a.listeners) {
    listener([reading]);
    listener([reading]);
  }
  assert.equal(a.shown, [
    [
      'meters/m-roof/display',
      {
        ...{ v: 1, t: 61, powerMw: -1_500, voltageMv: 230_000 },
        ...{ importWh: 1, exportWh: 5, generationWh: 0 },
      },
    ],
  ]);
});

finding.run();
