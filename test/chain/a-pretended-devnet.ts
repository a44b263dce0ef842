/** A devnet of our own for tests: real execution, a public cluster's name, and no faucet that asks who we are. */
import { createServer } from 'node:http';
import type { LocalChain } from '../adapters/solana/neighbours.ts';

/** docs.solana.com/clusters */
export const devnetGenesis = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG';

/** A local ledger that says it were devnet, over HTTP; a slot goes by with each call. */
export async function aPretendedDevnet(
  local: LocalChain,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const said = (await (await local.fetch('', { body })).json()) as { result?: unknown };
      if (body.includes('getGenesisHash')) said.result = devnetGenesis;
      local.clock.passSlots(1);
      response.end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
