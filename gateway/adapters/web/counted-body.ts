/** Reads a body by counting what really arrives; what a header says of its length is only a hint. */
import type { IncomingMessage } from 'node:http';
import { fail, ok, type Result } from '../../core/result.ts';

/** The bytes, or why there are none; what a refused sender still sends is the caller's to discard. Never rejects. */
export function countedBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Result<Uint8Array, 'too-large' | 'broken-off'>> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    return Promise.resolve(fail('too-large'));
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (answer: Result<Uint8Array, 'too-large' | 'broken-off'>) => {
      request.off('data', take);
      resolve(answer);
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length > bytesMax) return end(fail('too-large'));
      chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => end(ok(Buffer.concat(chunks))));
    request.once('error', () => end(fail('broken-off')));
    request.once('close', () => end(fail('broken-off')));
  });
}
