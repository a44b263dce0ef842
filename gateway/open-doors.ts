/** Opens what people, programs and M-Pesa knock at: the HTTP API with the page, and the callback listener. */
import type { BookViews } from './adapters/sqlite/views.ts';
import { openCallbackListener } from './adapters/web/callback-listener.ts';
import { openWeb } from './adapters/web/open-web.ts';
import type { Config } from './config.ts';
import type { Advisors } from './open-advice.ts';
import { boardOf, figuresOf, readinessOf } from './open-board.ts';
import { openCallbackDesk, openDesk } from './open-desk.ts';
import { openMoneyDesk } from './open-desk-money.ts';
import { openWalletDesk } from './open-desk-wallets.ts';
import type { HubKeys } from './open-keys.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { Needs } from './ports/needs.ts';
import type { Story } from './story.ts';
import { version } from './version.ts';

type DoorNeeds = {
  readonly needs: Needs;
  readonly views: BookViews;
  readonly config: Config;
  readonly broker: MeterBroker;
  readonly advice: Pick<Advisors, 'weather' | 'forecasts'>;
  readonly story: Story;
  readonly keys: HubKeys;
};

export type Doors = AsyncDisposable & { readonly httpPort: number; readonly callbackPort: number };

/** `kept` is called after a callback is on disk. Rejects when a port is taken. */
export async function openDoors(parts: DoorNeeds, kept: () => void): Promise<Doors> {
  const { needs, views, config, broker, advice, story, keys } = parts;
  await using opening = new AsyncDisposableStack();
  const listener = opening.use(
    await openCallbackListener({
      port: config.CALLBACK_PORT,
      desk: openCallbackDesk({ hub: needs }, kept),
      log: needs.log,
    }),
  );
  const web = opening.use(
    await openWeb({
      host: config.HUB_LISTEN,
      port: config.HTTP_PORT,
      money: openMoneyDesk(needs),
      wallets: openWalletDesk(needs),
      desk: openDesk({ hub: needs, views, config, broker, ...advice, version }),
      operatorToken: keys.operatorToken,
      events: story,
      board: () => boardOf(needs, views),
      readiness: () => readinessOf(needs),
      metrics: () => figuresOf(needs, broker, listener),
      log: needs.log,
      version,
    }),
  );
  const open = opening.move();
  return {
    httpPort: web.port,
    callbackPort: listener.port,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
