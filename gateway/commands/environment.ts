/** Where commands find the hub's configuration: the environment, over a `.env` file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Config, readConfig } from '../config.ts';

/** The environment with what `.env` in the working directory adds, and systemd's credential `secrets.env`. */
export function hubEnvironment(): Record<string, string | undefined> {
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  const secrets = credentials === undefined ? {} : settingsIn(join(credentials, 'secrets.env'));
  return { ...settingsIn('.env'), ...secrets, ...process.env };
}

const settingsIn = (file: string): Record<string, string | undefined> =>
  existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};

/** Throws one message that lists every problem. */
export function configFrom(env: Readonly<Record<string, string | undefined>>): Config {
  const config = readConfig(env);
  if (config.ok) return config.value;
  throw new Error(
    `The configuration is wrong:\n${config.error.map((line) => `  - ${line}`).join('\n')}`,
  );
}
