/**
 * What SQLite's write-ahead log holds, and a way to write it anew. When a wait for the disk fails, Linux counts
 * the pages as clean though they are not on the disk, so that waiting again proves nothing
 * (wiki.postgresql.org/wiki/Fsync_Errors). Only writing the same bytes again, and waiting for those, does.
 */
import { fdatasyncSync, fstatSync, readSync, writeSync } from 'node:fs';

/** sqlite.org/fileformat2.html, section 4.1. */
const headerBytes = 32;
const frameHeaderBytes = 24;
const magicLittleEndian = 0x377f0682;
const magicBigEndian = 0x377f0683;

/**
 * Writes all good frames from the first one on where they stand; they are on the disk when this returns.
 * Answers how many there are. Nobody may append meanwhile.
 */
export function writeAnew(logFile: number): number {
  const log = readWhole(logFile);
  const { frames, end } = framesIn(log);
  for (let at = 0; at < end; ) at += writeSync(logFile, log, at, end - at, at);
  fdatasyncSync(logFile);
  return frames;
}

function readWhole(logFile: number): Buffer {
  const { size } = fstatSync(logFile);
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; ) {
    const read = readSync(logFile, bytes, at, size - at, at);
    if (read === 0) throw new Error('the log shrinks while it is read');
    at += read;
  }
  return bytes;
}

/** Frames from the first one on that bear the log's salt and a right checksum, and where they end. */
export function framesIn(log: Buffer): { readonly frames: number; readonly end: number } {
  const none = { frames: 0, end: 0 };
  if (log.length < headerBytes) return none;
  const magic = log.readUInt32BE(0);
  if (magic !== magicLittleEndian && magic !== magicBigEndian) return none;
  const sum = new Checksum(log, magic === magicBigEndian);
  sum.add(0, 24);
  if (!sum.isAt(24)) return none;
  const frameBytes = frameHeaderBytes + log.readUInt32BE(8);
  let [frames, end] = [0, headerBytes];
  while (end + frameBytes <= log.length && isGood(log, end, frameBytes, sum)) {
    frames += 1;
    end += frameBytes;
  }
  return { frames, end };
}

function isGood(log: Buffer, at: number, frameBytes: number, sum: Checksum): boolean {
  if (log.compare(log, 16, 24, at + 8, at + 16) !== 0) return false;
  sum.add(at, at + 8);
  sum.add(at + frameHeaderBytes, at + frameBytes);
  return sum.isAt(at + 16);
}

/** SQLite's running checksum over the log, section 4.2 of the format. */
class Checksum {
  readonly #bytes: Buffer;
  readonly #isBigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(bytes: Buffer, isBigEndian: boolean) {
    this.#bytes = bytes;
    this.#isBigEndian = isBigEndian;
  }

  add(from: number, to: number): void {
    for (let at = from; at < to; at += 8) {
      this.#first = (this.#first + this.#word(at) + this.#second) >>> 0;
      this.#second = (this.#second + this.#word(at + 4) + this.#first) >>> 0;
    }
  }

  isAt(at: number): boolean {
    return (
      this.#bytes.readUInt32BE(at) === this.#first &&
      this.#bytes.readUInt32BE(at + 4) === this.#second
    );
  }

  #word(at: number): number {
    return this.#isBigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
  }
}
