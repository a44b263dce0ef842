/** Prepares an existing Mosquitto for the hub. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type ConfigurationNeeds, configurationFor } from '../adapters/mosquitto/configuration.ts';
import { externalUserIn } from '../adapters/mosquitto/external-user.ts';
import { mosquittoHashOf } from '../adapters/mosquitto/password-hash.ts';
import { writeConfiguration } from '../adapters/mosquitto/write-configuration.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { MeterId } from '../core/ids.ts';
import { displayPasswordOf, displayUsername } from '../open-discovery.ts';
import { configFrom, hubEnvironment } from './environment.ts';

type Options = {
  readonly port: number;
  readonly persistence: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly tlsPort: number;
  readonly json?: boolean;
};

const portMax = 65_535;
/** Where Debian's Mosquitto keeps what must outlive it. */
const debianPersistence = '/var/lib/mosquitto';

/** Mosquitto knows after this, without a restart, who was enrolled, revoked, or has a new password. */
const reloadLine = 'systemctl reload mosquitto';

/** Adds `broker config`. */
export function brokerCommand(program: Command): void {
  const broker = program
    .command('broker')
    .description('an existing broker (Mosquitto) for the hub');
  broker
    .command('config <folder>')
    .description('write mosquitto.conf, acl and passwords for the meters of the books')
    .option('--port <number>', 'plain MQTT, on this machine only', port, 1883)
    .option(
      '--tls-port <number>',
      'MQTT over TLS for the LAN, with --certificate and --key',
      port,
      8883,
    )
    .option('--certificate <file>', "PEM of the broker's certificate", file)
    .option('--key <file>', 'PEM of its private key', file)
    .option('--persistence <folder>', 'where Mosquitto keeps its queue', debianPersistence)
    .option('--json')
    .action((folder: string, options: Options) => {
      const tls = tlsOf(options);
      const made = write(resolve(folder), options, tls);
      if (options.json) process.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
      else process.stdout.write(`${spoken(made).join('\n')}\n`);
      for (const meter of made.withoutPassword)
        console.error(
          `Meter ${meter} cannot enter: its password was made before such lines were kept. ` +
            `\`hub meters password ${meter}\` gives it a new one; then run this again.`,
        );
    });
}

function write(folder: string, options: Options, tls: ConfigurationNeeds['tls']) {
  const config = configFrom(hubEnvironment());
  const { HUB_DATA_DIR } = config;
  const file = join(HUB_DATA_DIR, 'books.db');
  if (!existsSync(file))
    throw new Error(`There are no books in ${HUB_DATA_DIR}: enrol meters first.`);
  using books = openBooks(file);
  const meters = new Map<MeterId, string>();
  const withoutPassword: MeterId[] = [];
  for (const [meter, hash] of books.households.mosquittoHashes()) {
    if (hash === undefined) withoutPassword.push(meter);
    else meters.set(meter, hash);
  }
  const { gateway, flows } = externalUserIn(HUB_DATA_DIR);
  const hashed = ({ username, password }: typeof gateway) => ({
    username,
    hash: mosquittoHashOf(password),
  });
  const { port: plainPort, persistence } = options;
  const needs = { folder, persistenceFolder: resolve(persistence), port: plainPort, tls, meters };
  const configuration = configurationFor({
    ...needs,
    gateway: hashed(gateway),
    flows: hashed(flows),
    display: displayOf(displayPasswordOf(config)),
  });
  return {
    files: writeConfiguration(folder, configuration),
    users: { gateway: gateway.username, flows: flows.username },
    meters: [...meters.keys()],
    withoutPassword,
    reload: reloadLine,
  };
}

/** A Mosquitto that is there already serves its own users; this one is Home Assistant's, where it is wanted. */
const displayOf = (password: string | undefined) =>
  password === undefined
    ? undefined
    : { username: displayUsername, hash: mosquittoHashOf(password) };

const spoken = ({ files, meters, reload }: ReturnType<typeof write>): string[] => [
  ...files.map((each) => `Written: ${each}`),
  `${meters.length} meters may enter.`,
  `Mosquitto takes over new meters and passwords with: ${reload}`,
];

function tlsOf({ certificate, key, tlsPort }: Options): ConfigurationNeeds['tls'] {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined)
    throw new Error('--certificate and --key belong together.');
  return { port: tlsPort, certificate, key };
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= portMax) return number;
  throw new InvalidArgumentError(`a port from 1 to ${portMax}`);
}

function file(path: string): string {
  if (existsSync(path)) return resolve(path);
  throw new InvalidArgumentError('no such file');
}
