/** A command as it travels: its fields in this order, and a MAC that only hub and meter can make. */
import { createHmac } from 'node:crypto';
import type { MeterCommand } from '../../core/meter-command.ts';

/** What the key of commands is derived with, so that it opens nothing else. */
const purpose = 'jirani/v1/commands';

export type CommandLetter = {
  /** Without the `jirani/v1/` prefix. */
  readonly topic: string;
  /** Written by JSON.stringify it is, to the byte, what the MAC is over. */
  readonly body: {
    readonly id: string;
    readonly exp: number;
    readonly args: object;
    readonly mac: string;
  };
};

/** `passwordHash`: SHA-256 of the meter's secret in hex, which is its pre-shared key. */
export function letterOf(command: MeterCommand, passwordHash: string): CommandLetter {
  const { id, meter, name, args, expiresAt } = command;
  const topic = `meters/${meter}/cmd/${name}`;
  const told = { id, exp: Math.floor(expiresAt / 1_000), args };
  const key = createHmac('sha256', Buffer.from(passwordHash, 'hex')).update(purpose).digest();
  const signed = `jirani/v1/${topic}\n${JSON.stringify(told).slice(0, -1)}`;
  const mac = createHmac('sha256', key).update(signed).digest('base64');
  return { topic, body: { ...told, mac } };
}
