/** Sends signed bytes as they are. */
import { type Connection, SendTransactionError } from '@solana/web3.js';

/**
 * No preflight and no retries by the node: the caller repeats the same bytes until it knows. A refusal says
 * nothing about an earlier sending, so it counts as sent; only silence is thrown.
 */
export async function sendRaw(connection: Connection, raw: Uint8Array): Promise<void> {
  try {
    await connection.sendRawTransaction(raw, { skipPreflight: true, maxRetries: 0 });
  } catch (error) {
    if (!(error instanceof SendTransactionError)) throw error;
  }
}
