/** `chain serve`: the embedded ledger as a process of its own. */
import type { Command } from 'commander';
import { runLedgerProcess } from '../adapters/solana/embedded/run-ledger-process.ts';
import { chainInitCommand } from './chain-init.ts';
import { chainPassphraseCommand } from './chain-passphrase.ts';
import { chainRotateCommand } from './chain-rotate.ts';
import { chainVerifyCommand } from './chain-verify.ts';
import { sayReady } from './child.ts';
import { port } from './number-option.ts';

/** Adds `chain serve [--port N] [--data-dir DIR]`. */
export function chainCommand(program: Command): void {
  const chain = program.command('chain').description('the embedded Solana ledger');
  chainInitCommand(chain);
  chainVerifyCommand(chain);
  chainPassphraseCommand(chain);
  chainRotateCommand(chain);
  chain
    .command('serve')
    .description('serve the local ledger (one operator) over JSON-RPC on loopback')
    .option('--port <n>', 'port; 0 takes any', port, 8899)
    .option('--data-dir <dir>', 'where the ledger is kept', 'data')
    .action(({ port: asked, dataDir }: { port: number; dataDir: string }) =>
      runLedgerProcess({
        dataDir,
        port: asked,
        onListening: (server) => {
          console.error(`local ledger, one operator: ${server.url}`);
          sayReady({ port: server.port, url: server.url });
        },
      }),
    );
}
