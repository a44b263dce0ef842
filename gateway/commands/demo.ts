/** `demo`: a living neighbourhood with nothing to configure. A small parent of its processes. */
import { type Command, Option } from 'commander';
import { runDemo } from './demo-run.ts';
import { wholeWithin, within } from './number-option.ts';

export type DemoOptions = {
  readonly speed: number;
  readonly households: number;
  readonly trades: number | undefined;
  readonly timeout: number;
  readonly json: boolean;
  readonly seed: number;
  readonly dataDir: string | undefined;
  /** `vmeter`: the core of the firmware measures and talks. */
  readonly meters: 'simulated' | 'vmeter';
};

/** Adds `demo`. Exit 0 when `--trades` are closed or on Ctrl-C, 1 when the time is over or something failed. */
export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('a living neighbourhood: no credentials, no internet, nothing real moves')
    .option(
      '--speed <n>',
      'how much faster than real time the neighbourhood lives',
      within(1, 3600),
      60,
    )
    .option('--households <n>', 'how many live there, 9 to 200', wholeWithin(9, 200), 12)
    .option('--trades <n>', 'end when so many automatic trades are closed', wholeWithin(1, 10_000))
    .option('--timeout <s>', 'seconds to wait for them', within(1, 86_400), 120)
    .option('--json', 'one JSON document at the end, and nothing else, on standard output', false)
    .option('--seed <n>', 'seed of the neighbourhood', wholeWithin(0, 2 ** 31), 1)
    .option('--data-dir <dir>', 'keep everything in this folder and go on from there next time')
    .addOption(
      new Option('--meters <kind>', 'who measures: the simulator, or the core of the firmware')
        .choices(['simulated', 'vmeter'])
        .default('simulated'),
    )
    .action(async (options: DemoOptions) => {
      process.exitCode = await runDemo(options);
    });
}
