/** A public address that somebody else keeps open: cloudflared, frp, ssh -R or a reverse proxy as a unit of its own. */
import type { TunnelBackend } from '../../ports/tunnel.ts';

/** There is nothing to open; the probes alone say whether it works. */
export const staticBackend = (url: string): TunnelBackend => ({
  name: 'static',
  knownUrl: url,
  open: async () => ({ url, close: async () => {}, onDown: () => {} }),
});
