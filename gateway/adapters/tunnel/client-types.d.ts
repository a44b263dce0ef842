/** The part of localtunnel 2.0.2 that the hub uses; the package has no types. */
declare module 'localtunnel' {
  import type { EventEmitter } from 'node:events';

  function open(options: {
    readonly port: number;
    /** Local host, which is also put into the Host header. */
    readonly local_host: string;
    /** Of the tunnel server. */
    readonly host: string;
    readonly subdomain: string;
  }): Promise<EventEmitter & { readonly url: string }>;
  export = open;
}
