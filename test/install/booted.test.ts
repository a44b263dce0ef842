// uncounted: it starts whole programs, again and again
// needs: fresh-debian systemd-nspawn flows
// timeout: 400s
/** The hub as a unit of a real systemd: sandboxed, watched, upgraded, taken back. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aMachine } from './a-machine.ts';
import { aRelease, fallsAfterOpening } from './a-release.ts';

const living = suite('a machine whose systemd runs the hub');

/** A test does not wait for a minute of silence. */
const dropIns = '/run/systemd/system/jirani.service.d';

living(
  'the hub runs there in its sandbox, is watched, and a release that falls is taken back',
  async () => {
    using good = aRelease();
    using bad = aRelease({ 'gateway/commands/start.ts': fallsAfterOpening }, good.folder);
    await using machine = await aMachine(good.folder, bad.folder);
    const install = join(good.folder, 'scripts/install.sh');

    machine.run('mkdir', '-p', dropIns);
    machine.run('sh', '-c', `printf '[Service]\\nWatchdogSec=20s\\n' >${dropIns}/soon.conf`);

    const installed = machine.run(install, '--with-flows', '--stay', '2');
    assert.is(installed.code, 0, installed.said);
    assert.is(machine.show('jirani', 'ActiveState'), 'active');
    assert.is(machine.show('jirani', 'StatusText'), 'All is well.');
    await machine.until('Node-RED lives under its own user', () =>
      /node_red +on +ok/.test(machine.run('jirani', 'status').said),
    );
    const flows = machine.show('jirani-node-red', 'MainPID');
    assert.is(machine.run('stat', '-c', '%U', `/proc/${flows}`).said, 'jirani-flows\n');
    assert.match(machine.run('/usr/local/bin/jirani', 'status').said, /broker +embedded +ok/);
    const first = machine.run('readlink', '/opt/jirani/current').said;

    const main = machine.show('jirani', 'MainPID');
    const status = machine.run('cat', `/proc/${main}/status`).said;
    assert.match(status, /NoNewPrivs:\s1/);
    assert.match(status, /Seccomp:\s2/);
    assert.match(status, /CapEff:\s0+\n/);
    assert.match(
      machine.run('systemctl', 'list-timers', '--no-pager').said,
      /jirani-backup\.timer.*jirani-verify\.timer/s,
    );

    const passphrase = '/etc/jirani/credentials/backup-passphrase';
    machine.run('sh', '-c', `echo a passphrase on paper >${passphrase}`);
    for (const unit of ['jirani-backup', 'jirani-verify']) {
      const { code } = machine.run('systemctl', 'start', unit);
      assert.is(code, 0, machine.run('journalctl', '-u', unit, '--no-pager').said);
    }

    const upgraded = machine.run(install, 'upgrade', bad.folder, '--stay', '2');
    assert.is(upgraded.code, 1, upgraded.said);
    assert.match(upgraded.said, /does not run: back to .*runs again/s);
    assert.is(machine.run('readlink', '/opt/jirani/current').said, first);
    assert.is(machine.show('jirani', 'ActiveState'), 'active');

    // Nobody says any more that it lives.
    machine.run('systemctl', 'kill', '--signal=SIGSTOP', '--kill-who=main', 'jirani');
    await machine.until('the watchdog bites', () =>
      machine.run('journalctl', '-u', 'jirani', '--no-pager').said.includes('Watchdog timeout'),
    );
  },
);

living.run();
