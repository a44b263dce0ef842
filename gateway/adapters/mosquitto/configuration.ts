/** What Mosquitto 2 must be told so that it keeps readings for the hub and lets nobody speak for another. */
import type { MeterId } from '../../core/ids.ts';
import {
  discoveryFilter,
  displayRights,
  flowsRights,
  isMeterId,
  meterRights,
  topicPrefix,
} from './topics.ts';

/** The contents of the three files. */
export type Configuration = {
  readonly 'mosquitto.conf': string;
  readonly acl: string;
  readonly passwords: string;
};

export type ConfigurationNeeds = {
  /** Absolute path of the folder in which the files will stand. */
  readonly folder: string;
  /** Where Mosquitto keeps its queue; must belong to its user. */
  readonly persistenceFolder: string;
  /** Plain MQTT, on loopback only. */
  readonly port: number;
  /** MQTT over TLS for the LAN, when there is a certificate. */
  readonly tls:
    | { readonly port: number; readonly certificate: string; readonly key: string }
    | undefined;
  readonly gateway: Credential;
  readonly flows: Credential;
  /** Home Assistant's user, where it is wanted. */
  readonly display?: Credential | undefined;
  readonly meters: ReadonlyMap<MeterId, string>;
};

export type Credential = { readonly username: string; readonly hash: string };

/** As the hub's own broker. Mosquitto acknowledges what is larger, and drops it. */
const messageBytesMax = 16_384;
/**
 * How much Mosquitto may forget when the power fails while the hub is away. Each time it writes its whole
 * queue, about 300 bytes per reading, so that a shorter one wears a card out when the hub is away for days.
 */
const autosaveS = 300;
/** Fewer than there are packet identifiers, which Mosquitto 2.0 would otherwise give to two readings at once. */
const inFlightMax = 20_000;

/** Throws when a meter's id cannot stand in a topic. */
export function configurationFor(needs: ConfigurationNeeds): Configuration {
  for (const meter of needs.meters.keys())
    if (!isMeterId(meter)) throw new Error(`meter ${meter} has an id that no topic can hold`);
  return {
    'mosquitto.conf': lines(settings(needs)),
    acl: lines(acl(needs)),
    passwords: lines([
      `${needs.gateway.username}:${needs.gateway.hash}`,
      `${needs.flows.username}:${needs.flows.hash}`,
      ...(needs.display === undefined ? [] : [`${needs.display.username}:${needs.display.hash}`]),
      ...[...needs.meters].map(([meter, hash]) => `${meter}:${hash}`),
    ]),
  };
}

const settings = ({ folder, persistenceFolder, port, tls }: ConfigurationNeeds): string[] => [
  '# Written by `hub broker config`, and overwritten by it. Why each line is here: docs/mosquitto.md.',
  'allow_anonymous false',
  `password_file ${folder}/passwords`,
  `acl_file ${folder}/acl`,
  '# The queue for the hub outlives a restart; it is written every so many seconds, not with every reading.',
  'persistence true',
  `persistence_location ${persistenceFolder}/`,
  'autosave_on_changes false',
  `autosave_interval ${autosaveS}`,
  '# Otherwise readings beyond the 1000th that waits are dropped although they were acknowledged. 0: no limit.',
  'max_queued_messages 0',
  'max_queued_bytes 0',
  `max_inflight_messages ${inFlightMax}`,
  'max_inflight_bytes 0',
  `message_size_limit ${messageBytesMax}`,
  'queue_qos0_messages false',
  '# The session of the hub is forgotten after that time, and with it all that waits for it.',
  'persistent_client_expiration 1y',
  'allow_zero_length_clientid false',
  'set_tcp_nodelay true',
  'log_dest stderr',
  'log_type error',
  'log_type warning',
  'log_type notice',
  ...listener([`listener ${port} 127.0.0.1`]),
  ...(tls === undefined
    ? []
    : listener([
        `listener ${tls.port}`,
        `certfile ${tls.certificate}`,
        `keyfile ${tls.key}`,
        'tls_version tlsv1.2',
      ])),
];

/** A meter that calls itself like the hub would otherwise end the hub's session, and all that waits in it. */
const listener = (words: readonly string[]): string[] => [
  ...words,
  'use_username_as_clientid true',
];

const acl = ({ gateway, flows, display, meters }: ConfigurationNeeds): string[] => [
  '# Written by `hub broker config`, and overwritten by it.',
  ...rightsOf(gateway.username, {
    write: [`${topicPrefix}#`, discoveryFilter],
    read: [`${topicPrefix}#`],
  }),
  ...rightsOf(flows.username, flowsRights),
  ...(display === undefined ? [] : rightsOf(display.username, displayRights)),
  ...[...meters.keys()].flatMap((meter) => rightsOf(meter, meterRights(meter))),
];

type Rights = { readonly write: readonly string[]; readonly read: readonly string[] };

const rightsOf = (user: string, { write, read }: Rights): string[] => [
  `user ${user}`,
  ...write.map((topic) => `topic write ${topic}`),
  ...read.map((topic) => `topic read ${topic}`),
];

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
