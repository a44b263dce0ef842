/** Somebody who looks at the books again and again while everything goes on, and at the chain when it is over. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { auditBooks } from '../../gateway/adapters/sqlite/audit.ts';
import type { ChainVerdict } from '../../gateway/commands/chain-verdict.ts';
import { type Count, lookIntoBooks } from './evidence.ts';
import type { Stage } from './stage.ts';

const lookEveryMs = 1_000;
const verifyMs = 120_000;

export type Auditor = {
  /** Ends the looking. */
  close(): Promise<Count>;
};

export function sendAuditor(stage: Stage): Auditor {
  const over = new AbortController();
  const found: string[] = [];
  let looks = 0;
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        using books = lookIntoBooks(stage.card.folder);
        found.push(
          ...auditBooks(books.db)
            .standing()
            .map(({ what }) => what),
        );
        looks += 1;
      } catch {
        // While the card is full not even a look may be possible.
      }
      await sleep(lookEveryMs, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  const looking = look();
  return {
    close: async () => {
      over.abort();
      await looking;
      return {
        ...{ promise: 4, name: 'looks at which the books did not balance', unit: 'looks' },
        ...{ broken: found.length, of: looks, examples: found.slice(0, 3) },
      };
    },
  };
}

/** With the hub at rest: the command that a keeper has for it, against the ledger itself. */
export async function verifyChain(stage: Stage): Promise<Count[]> {
  const cli = resolve(import.meta.dirname, '../../gateway/cli.ts');
  const { differences, movesSeen, movesForgotten } = await verdictOf(cli, stage);
  const [unit, moves] = ['differences', movesSeen + movesForgotten];
  return [
    {
      ...{ promise: 3, name: 'tokens on the chain that the books do not explain', unit },
      ...{ broken: differences.length, of: moves },
      examples: differences.map((one) => JSON.stringify(one)).slice(0, 3),
    },
  ];
}

async function verdictOf(cli: string, stage: Stage): Promise<ChainVerdict> {
  const words = [cli, 'chain', 'verify', '--json'];
  // In the data folder, so that no other hub's settings are read; differences end it with 1.
  const asking = promisify(execFile)(process.execPath, words, {
    ...{ env: stage.environment(), timeout: verifyMs, maxBuffer: 2 ** 24 },
    cwd: join(stage.card.folder),
  });
  const { stdout } = await asking.catch((problem: { stdout?: string; stderr?: string }) => {
    if (!problem.stdout) throw new Error(`chain verify: ${problem.stderr}`);
    return { stdout: problem.stdout };
  });
  return JSON.parse(stdout) as ChainVerdict;
}
