// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja riscv64-unknown-elf-gcc picolibc qemu-system-riscv32
// timeout: 300s
/** The same core on the instruction set of the ESP32-C3, in QEMU: an instruction set, not the chip. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firmwareFolder, makeFirmware, run } from './make.ts';

const rv32 = suite('the core on rv32imc in QEMU');

/** A program that hangs is killed by `timeout`, which then ends with 124. */
const qemu = (program: string) => {
  const machine = ['-machine', 'virt', '-bios', 'none', '-nographic'];
  const quiet = ['-serial', 'none', '-monitor', 'none'];
  const calls = ['-semihosting-config', 'enable=on,target=native', '-icount', 'shift=0'];
  const words = ['120', 'qemu-system-riscv32', ...machine, ...quiet, ...calls, '-kernel', program];
  return run('timeout', words);
};

const linesOf = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

rv32('says the same bytes as the host: readings, signatures, registers and flash (9)', () => {
  const host = run(makeFirmware('vectors'));
  assert.is(host.status, 0, host.stderr);
  const device = qemu(makeFirmware('vectors-rv32'));
  // Semihosting writes to the error stream of QEMU.
  const said = device.stdout + device.stderr;
  assert.is(device.status, 0, said);
  process.stdout.write(
    `${said
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n')}\n`,
  );
  assert.equal(linesOf(said), linesOf(host.stdout));
});

rv32('signs what it measured with an HMAC that another one agrees with', () => {
  const lines = linesOf(run(makeFirmware('vectors')).stdout);
  const measured = lines.slice(0, lines.indexOf('shared')).filter((line) => line.startsWith('{'));
  assert.is(measured.length, 10);
  for (const reading of measured) {
    const [body = '', rest = ''] = reading.split(',"sig":"');
    const signed = `jirani/v1/meters/em-7c9ebd112233/reading\n${body}`;
    const mac = createHmac('sha256', Buffer.alloc(32, 0x0b)).update(signed).digest('base64');
    assert.is(rest, `${mac}"}`);
  }
});

rv32('says the readings of vectors.json, which the hub reads too, to the byte (9)', () => {
  const vectors = JSON.parse(readFileSync(join(firmwareFolder, 'vectors.json'), 'utf8'));
  const lines = linesOf(run(makeFirmware('vectors')).stdout);
  const said = lines.slice(lines.indexOf('shared')).filter((line) => line !== 'shared');
  const wanted = vectors.readings.map(
    ({ body, hs256 }: { body: string; hs256: { sig: string } }) => `${body},"sig":"${hs256.sig}"}`,
  );
  assert.ok(wanted.length >= 3);
  assert.equal(said, wanted);
});

rv32('does not say the same bytes when the phase is wrong, so the comparison compares', () => {
  const right = linesOf(run(makeFirmware('vectors')).stdout);
  const wrong = linesOf(run(makeFirmware('vectors', { fault: 2 })).stdout);
  assert.is(wrong.length, right.length);
  assert.not.equal(wrong, right);
});

rv32.run();
