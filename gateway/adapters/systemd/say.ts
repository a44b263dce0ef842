/** Node has no unix datagram sockets, so the program `systemd-notify` says our words to systemd. */
import { execFile } from 'node:child_process';

/** Fields as in sd_notify(3). Resolves when they have arrived, and also when they have not: a lost word is not our end. */
export type Say = (...fields: readonly string[]) => Promise<void>;

const sayMs = 5_000;

/** The program is a child: systemd must accept its words (NotifyAccess=all). */
export const sayTo =
  (socket: string): Say =>
  (...fields) =>
    new Promise((resolve) => {
      const env = { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: socket };
      execFile('systemd-notify', fields, { env, timeout: sayMs }, () => resolve());
    });
