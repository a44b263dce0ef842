/** The ledger as it runs under the hub, for the token bench: a process of its own. */
import { runLedgerProcess } from '../gateway/adapters/solana/embedded/run-ledger-process.ts';

const [dataDir = ''] = process.argv.slice(2);
await runLedgerProcess({ dataDir, port: 0 });
