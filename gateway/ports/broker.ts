/** The broker that meters speak to and flows listen to: our own, or an existing one. */
import type { Announcer } from './announcer.ts';
import type { MeterPresence } from './readings.ts';

export interface MeterBroker extends Announcer, MeterPresence {
  /** Where plain MQTT is spoken on this machine; undefined when the broker is not ours. */
  readonly port: number | undefined;
  /** Where MQTT over TLS is spoken; undefined when it is not. */
  readonly tlsPort: number | undefined;
  /** Says a retained word outside of our own topics, for Home Assistant; an empty one takes it back. */
  advertise(topic: string, text: string): void;
  /** Connections that stand now. */
  connections(): number;
  /** How often each kind of thing was turned away since the start. */
  refused(): Readonly<Record<string, number>>;
  /** For status and doctor. */
  health(): BrokerHealth;
}

export type BrokerHealth = {
  readonly mode: 'embedded' | 'external';
  readonly state: 'ok' | 'away';
  /** A sentence for a person; empty when all is well. */
  readonly detail: string;
};
