/** The command line. Each command is a small file in commands/, and only the one that is asked for is loaded. */
import { Command, CommanderError } from 'commander';
import { version } from './version.ts';

const usageExit = 2;

type Add = (program: Command) => void;

/** What each first word loads. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  start: async () => (await import('./commands/start.ts')).startCommand,
  status: async () => (await import('./commands/show.ts')).statusCommand,
  households: async () => (await import('./commands/neighbours.ts')).householdsCommand,
  meters: async () => (await import('./commands/neighbours.ts')).metersCommand,
  replay: async () => (await import('./commands/replay.ts')).replayCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
  broker: async () => (await import('./commands/broker.ts')).brokerCommand,
  trades: async () => (await import('./commands/show.ts')).tradesCommand,
  wallets: async () => (await import('./commands/show.ts')).walletsCommand,
  setup: async () => (await import('./commands/setup.ts')).setupCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  verify: async () => (await import('./commands/backup.ts')).verifyCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  orders: async () => (await import('./commands/orders.ts')).ordersCommand,
  pay: async () => (await import('./commands/pay.ts')).payCommand,
  chain: async () => (await import('./commands/chain.ts')).chainCommand,
  receipt: async () => (await import('./commands/receipt.ts')).receiptCommand,
  flows: async () => (await import('./commands/flows.ts')).flowsCommand,
  clock: async () => (await import('./commands/clock.ts')).clockCommand,
  tunnel: async () => (await import('./commands/tunnel.ts')).tunnelCommand,
  mpesa: async () => (await import('./commands/mpesa.ts')).mpesaCommand,
  'demo-prepare': async () => (await import('./commands/demo-parts.ts')).demoPrepareCommand,
  'demo-world': async () => (await import('./commands/demo-parts.ts')).demoWorldCommand,
};

/** A library tells on loading that its native part is missing. It is left out on purpose: pure JS does the same. */
const { warn } = console;
console.warn = (text: unknown, ...rest: unknown[]) => {
  if (!String(text).startsWith('bigint: Failed to load bindings')) warn(text, ...rest);
};

const program = new Command('hub')
  .description('Jirani: a neighbourhood sells its sun to itself')
  .version(version)
  .showHelpAfterError()
  .exitOverride();

/** Without a known first word all are loaded, so that help and complaints know every command. */
async function addCommands(word: string | undefined): Promise<void> {
  const asked = word === undefined ? undefined : commands[word];
  for (const load of asked === undefined ? Object.values(commands) : [asked])
    (await load())(program);
}

// Ctrl-C reaches parent and children at once: a child leaves it to its parent, which ends all in order.
if (process.connected) process.on('SIGINT', () => {});

try {
  await addCommands(process.argv[2]);
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usageExit;
  } else {
    const { plainWords } = await import('./commands/plain-words.ts');
    console.error(plainWords(error));
    process.exitCode = 1;
  }
  // A command that failed would be kept alive by the channel to its parent, which waits for its end.
  if (process.connected) process.disconnect();
}
