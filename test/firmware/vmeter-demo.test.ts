// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 300s
/** The demo on the core of the firmware, as somebody meets it who types it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtVmeter } from '../../gateway/simulators/vmeter/program.ts';
import { aFolder, run } from '../commands/programs.ts';

type Report = {
  readonly trades: readonly { readonly state: string }[];
  readonly readings: { readonly acknowledged: number; readonly stored: number };
  readonly ledger: { readonly trialBalanceCents: number; readonly trialBalanceWh: number };
};

const demo = suite('a neighbourhood with virtual meters');

demo(
  'closes a trade and goes on the next day, and the hub has all that its meters know',
  async () => {
    await builtVmeter();
    using folder = aFolder();
    const words = ['demo', '--meters', 'vmeter', '--trades', '1', '--json', '--speed', '600'];
    for (const day of ['first', 'second']) {
      const { code, stdout, stderr } = await run([...words, '--data-dir', folder.path]);
      assert.is(code, 0, `${day}: ${stderr}`);
      const { trades, readings, ledger } = JSON.parse(stdout) as Report;
      assert.ok(trades.some(({ state }) => state === 'closed'));
      assert.ok(readings.acknowledged > 20);
      assert.is(readings.stored, readings.acknowledged, day);
      assert.equal(ledger, { trialBalanceCents: 0, trialBalanceWh: 0 });
    }
  },
);

demo.run();
