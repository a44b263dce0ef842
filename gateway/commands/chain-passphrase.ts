/** `chain passphrase`: seals the keys anew, for when somebody leaves or a copy may have gone astray. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { refuseSecondHub } from '../adapters/lock/one-hub.ts';
import { changePassphrase } from '../adapters/solana/keys.ts';
import { chainPassphrase, readPassphrase } from '../open-keys.ts';
import { configFrom, hubEnvironment } from './environment.ts';

/** Adds `chain passphrase --new-file FILE`. A passphrase is never an argument: arguments are in the process list. */
export function chainPassphraseCommand(chain: Command): void {
  chain
    .command('passphrase')
    .description('seal the keys with another passphrase; the hub must not run')
    .requiredOption('--new-file <file>', 'a file of mode 0600 with the new passphrase')
    .action(({ newFile }: { newFile: string }) => {
      const config = configFrom(hubEnvironment());
      const lock = join(config.HUB_DATA_DIR, 'hub.lock');
      if (existsSync(lock)) refuseSecondHub(lock);
      const keyDir = join(config.HUB_DATA_DIR, 'keys');
      if (!existsSync(keyDir)) throw new Error(`There are no keys in ${config.HUB_DATA_DIR} yet.`);
      changePassphrase(keyDir, chainPassphrase(config), readPassphrase(newFile));
      console.log(
        `The keys are sealed anew. Start the hub with SOLANA_PASSPHRASE_PATH=${newFile} or the credential that holds the same. ` +
          'Old backups still open with the old passphrase: destroy them.',
      );
    });
}
