/** Where commands find the hub's configuration: the environment, over a `.env` file. */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, readConfig } from '../config.ts';

/** The environment with what `.env` in the working directory adds. */
export function hubEnvironment(): Record<string, string | undefined> {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  return { ...file, ...process.env };
}

/** Throws one message that lists every problem. */
export function configFrom(env: Readonly<Record<string, string | undefined>>): Config {
  const config = readConfig(env);
  if (config.ok) return config.value;
  throw new Error(
    `The configuration is wrong:\n${config.error.map((line) => `  - ${line}`).join('\n')}`,
  );
}
