/** The command line. Each command is a small file in commands/. */
import { Command, CommanderError } from 'commander';
import { chainCommand } from './commands/chain.ts';
import { demoCommand } from './commands/demo.ts';
import { demoPartsCommand } from './commands/demo-parts.ts';
import { mpesaCommand } from './commands/mpesa.ts';
import { householdsCommand, metersCommand } from './commands/neighbours.ts';
import { statusCommand, tradesCommand, walletsCommand } from './commands/show.ts';
import { startCommand } from './commands/start.ts';
import { version } from './version.ts';

const usageExit = 2;

const program = new Command('hub')
  .description('Jirani: a neighbourhood sells its sun to itself')
  .version(version)
  .showHelpAfterError()
  .exitOverride();

const commands = [
  ...[demoCommand, startCommand, statusCommand, householdsCommand, metersCommand, tradesCommand],
  ...[walletsCommand, chainCommand, mpesaCommand, demoPartsCommand],
];
for (const add of commands) add(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usageExit;
  } else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
