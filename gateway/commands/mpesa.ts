/** `mpesa serve`: the M-Pesa simulator alone, for a hub without credentials. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { serveControl } from '../simulators/control-server.ts';
import { controlRoutes } from '../simulators/daraja/control.ts';
import { startMpesaSimulator } from '../simulators/daraja/simulator.ts';
import { sayReady, toldToEnd } from './child.ts';
import { port, wholeWithin } from './number-option.ts';
import { simulatedMpesa } from './simulated-mpesa.ts';

type Options = { port: number; controlPort: number; dataDir: string; seed?: number };

/** A simulator that begins again with the same seed gives the same receipts again, and the books refuse those. */
const seedsMost = 2 ** 31;

/** Adds `mpesa serve [--port N] [--control-port N] [--data-dir DIR] [--seed N]`. */
export function mpesaCommand(program: Command): void {
  const mpesa = program.command('mpesa').description('the M-Pesa simulator');
  mpesa
    .command('serve')
    .description('simulate M-Pesa (Daraja) on loopback; no money moves')
    .option('--port <n>', 'port; 0 takes any', port, 8900)
    .option('--control-port <n>', 'port of the control API; 0 takes any', port, 0)
    .option('--data-dir <dir>', 'where its public key is written', 'data')
    .option(
      '--seed <n>',
      'seed of its chance; another one at each start otherwise',
      wholeWithin(0, seedsMost),
    )
    .action(async ({ port: asked, controlPort, dataDir, seed = randomInt(seedsMost) }: Options) => {
      const clock = { now: () => Date.now(), speed: 1, trust: () => 'trusted' };
      const publicKeyFile = join(dataDir, 'mpesa-simulator.pem');
      const options = { ...simulatedMpesa, port: asked, seed, publicKeyFile };
      await using simulator = await startMpesaSimulator({ ...options, clock } as never);
      const control = await serveControl(controlRoutes(simulator), controlPort);
      console.error(`simulated M-Pesa: ${simulator.url}; control: ${control.url}/control`);
      sayReady({ port: simulator.port, url: simulator.url, publicKeyFile });
      await toldToEnd();
      await control.stop();
    });
}
