/** One device on this computer: its flash in a folder, its buttons and its page at the end of a pipe. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A device that hangs is told from a slow computer after so long. */
const patienceMs = 30_000;

export type Wishes = Readonly<Record<`DEVICE_${string}`, string>>;

/** What survives a restart. */
export class DeviceFlash implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'jirani-device-'));

  handOver(config: string): void {
    writeFileSync(join(this.folder, 'handover'), config);
  }
  read(part: 'handover' | 'mlog' | 'nvs'): Buffer {
    const file = join(this.folder, part);
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  }
  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

export class Device implements AsyncDisposable {
  readonly told: string[] = [];
  /** What it logs. */
  log = '';
  readonly #process: ChildProcess;
  #news = Promise.withResolvers<void>();

  constructor(program: string, flash: DeviceFlash, wishes: Wishes = {}) {
    const env = { ...wishes, DEVICE_STATE: flash.folder };
    this.#process = spawn(program, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr?.setEncoding('utf8').on('data', (text) => {
      this.log += text;
    });
    if (this.#process.stdout === null) throw new Error('the device has no voice');
    createInterface(this.#process.stdout).on('line', (line) => {
      this.told.push(line);
      const news = this.#news;
      this.#news = Promise.withResolvers();
      news.resolve();
    });
  }

  /** The first line that begins so, as soon as it is there. */
  tells(beginning: string): Promise<string> {
    return this.#wait(beginning, () => this.told.find((line) => line.startsWith(beginning)));
  }

  /** As soon as the log says so. */
  logs(words: string): Promise<string> {
    return this.#wait(words, () => (this.log.includes(words) ? words : undefined));
  }

  async #wait(what: string, look: () => string | undefined): Promise<string> {
    const endsAt = Date.now() + patienceMs;
    for (let found = look(); ; found = look()) {
      if (found !== undefined) return found;
      if (Date.now() > endsAt)
        throw new Error(`never "${what}", but:\n${this.told.join('\n')}\n${this.log}`);
      await Promise.race([this.#news.promise, sleep(100)]);
    }
  }

  /** `gpio 6 0`, `post /setup wish=quiet`, `serial 494d…`. */
  do(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  async ends(): Promise<number | null> {
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ends().catch(() => {});
  }
}
