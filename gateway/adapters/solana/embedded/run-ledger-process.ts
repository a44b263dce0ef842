/** The embedded ledger as a process of its own: it listens until it is told to end or its parent is gone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveLedger } from './server.ts';

export type LedgerProcessOptions = {
  /** Holds `ledger.db`; made when absent. */
  readonly dataDir: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Told once, when calls are answered. */
  readonly onListening?: (server: { readonly port: number; readonly url: string }) => void;
};

/**
 * Resolves after SIGTERM, SIGINT or the end of the parent's message channel, with everything closed. Says on
 * stdout where it listens, and sends `{ port }` to a parent with a channel. Throws when the file or the port is taken.
 */
export async function runLedgerProcess({
  dataDir,
  port,
  onListening = announce,
}: LedgerProcessOptions): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    // Ctrl-C reaches a parent at the same moment, and the parent still needs the ledger.
    if (!process.connected) process.once('SIGINT', () => resolve());
    process.once('disconnect', () => resolve());
  });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  await using server = await serveLedger({
    file: join(dataDir, 'ledger.db'),
    host: '127.0.0.1',
    port,
  });
  onListening(server);
  await ended;
  if (process.connected) process.disconnect();
}

function announce({ port, url }: { readonly port: number; readonly url: string }): void {
  process.stdout.write(`ledger listening on ${url}\n`);
  process.send?.({ port });
}
