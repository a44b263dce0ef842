/** Where machines of the LAN reach this one. */
import { networkInterfaces } from 'node:os';

/** An IPv4 address of this machine; undefined when it has none but its own loopback. */
export const lanAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
