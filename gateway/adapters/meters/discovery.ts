/** How Home Assistant finds a meter: one retained message per device (its MQTT discovery, device form). */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';

export const discoveryTopicOf = (meter: MeterId): string => `homeassistant/device/${meter}/config`;

/** Without the `jirani/v1/` prefix: what displays may show of a meter's newest reading on the disk. */
export const displayTopicOf = (meter: MeterId): string => `meters/${meter}/display`;

const milli = 1_000;

/** Energy in whole Wh, rounded down, so that it never falls. */
export const displayOf = (reading: Reading) => ({
  ...{ v: 1, t: Math.floor(reading.at / milli) },
  ...{ powerMw: reading.powerMw, voltageMv: reading.voltageMv },
  importWh: Math.floor(reading.importMwh / milli),
  exportWh: Math.floor(reading.exportMwh / milli),
  generationWh: Math.floor(reading.generationMwh / milli),
});

type Component = {
  readonly name: string;
  readonly device_class: string;
  readonly state_class: 'measurement' | 'total_increasing';
  readonly unit_of_measurement: string;
  readonly value_template: string;
};

const energy = (name: string, field: string): Component => ({
  name,
  ...{ device_class: 'energy', state_class: 'total_increasing', unit_of_measurement: 'Wh' },
  value_template: `{{ value_json.${field} }}`,
});

const grid: Readonly<Record<string, Component>> = {
  power: {
    ...{ name: 'Power', device_class: 'power', state_class: 'measurement' },
    ...{ unit_of_measurement: 'W', value_template: '{{ value_json.powerMw / 1000 }}' },
  },
  voltage: {
    ...{ name: 'Voltage', device_class: 'voltage', state_class: 'measurement' },
    ...{ unit_of_measurement: 'V', value_template: '{{ value_json.voltageMv / 1000 }}' },
  },
  import: energy('Energy from the grid', 'importWh'),
  export: energy('Energy to the grid', 'exportWh'),
};
const pv: Readonly<Record<string, Component>> = {
  generation: energy('Energy of the sun', 'generationWh'),
};

/** `prefix`: of the hub's topics. `version`: the hub's. */
export function discoveryOf(
  meter: MeterId,
  place: 'grid' | 'pv',
  { prefix, version }: { readonly prefix: string; readonly version: string },
): string {
  const named = (key: string): string => `jirani-${meter}-${key}`;
  const components = Object.entries({ ...grid, ...(place === 'pv' ? pv : {}) }).map(
    ([key, component]) => [
      key,
      {
        ...{ platform: 'sensor', unique_id: named(key), ...component },
        state_topic: `${prefix}${displayTopicOf(meter)}`,
      },
    ],
  );
  return JSON.stringify({
    device: { identifiers: [`jirani-${meter}`], name: `Meter ${meter}`, manufacturer: 'Jirani' },
    origin: { name: 'Jirani', sw_version: version },
    components: Object.fromEntries(components),
    availability: [
      {
        topic: `${prefix}meters/${meter}/status`,
        ...{ payload_available: 'online', payload_not_available: 'offline' },
      },
    ],
    qos: 1,
  });
}
