/** Opens what people, programs and M-Pesa knock at: the HTTP API with the page, and the callback listener. */
import type { OpenBooks } from './adapters/sqlite/open.ts';
import type { BookViews } from './adapters/sqlite/views.ts';
import type { BoardView } from './adapters/web/board-view.ts';
import { openCallbackListener } from './adapters/web/callback-listener.ts';
import { openWeb } from './adapters/web/open-web.ts';
import type { Config } from './config.ts';
import type { Advisors } from './open-advice.ts';
import type { AskFirst } from './open-ask-first.ts';
import { boardOf, figuresOf, readinessOf } from './open-board.ts';
import { openCallbackDesk, openDesk } from './open-desk.ts';
import { openGiftDesk } from './open-desk-gifts.ts';
import { openMeDesk } from './open-desk-me.ts';
import { openMoneyDesk } from './open-desk-money.ts';
import { openSessionDesk } from './open-desk-session.ts';
import { openWalletDesk } from './open-desk-wallets.ts';
import type { Flows } from './open-flows.ts';
import type { HubKeys } from './open-keys.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { Desk } from './ports/desk.ts';
import type { Needs } from './ports/needs.ts';
import type { Story } from './story.ts';
import { version } from './version.ts';

type DoorNeeds = {
  readonly needs: Needs;
  readonly views: BookViews;
  readonly books: Pick<OpenBooks, 'me' | 'households' | 'sessions'>;
  readonly askFirst: AskFirst;
  readonly config: Config;
  readonly broker: MeterBroker;
  readonly advice: Pick<Advisors, 'weather' | 'forecasts'>;
  readonly story: Story;
  readonly keys: HubKeys;
  readonly flows: Flows;
};

export type Doors = AsyncDisposable & {
  readonly httpPort: number;
  readonly callbackPort: number;
  readonly board: () => BoardView;
  readonly status: Desk['status'];
};

/** `kept` is called after a callback is on disk. Rejects when a port is taken. */
export async function openDoors(parts: DoorNeeds, kept: () => void): Promise<Doors> {
  const { needs, views, books, config, broker, advice, story, keys, askFirst, flows } = parts;
  await using opening = new AsyncDisposableStack();
  const listener = opening.use(
    await openCallbackListener({
      port: config.CALLBACK_PORT,
      desk: openCallbackDesk({ hub: needs }, kept),
      log: needs.log,
    }),
  );
  const desk = openDesk({ hub: needs, views, config, broker, flows, ...advice, version });
  const board = () => boardOf(needs, views);
  const web = opening.use(
    await openWeb({
      host: config.HUB_LISTEN,
      port: config.HTTP_PORT,
      money: openMoneyDesk(needs),
      gifts: openGiftDesk(needs),
      wallets: openWalletDesk(needs),
      household: {
        me: openMeDesk({ hub: needs, views: books.me, config, askFirst }),
        sessions: openSessionDesk({ books }),
      },
      desk,
      operatorToken: keys.operatorToken,
      ...(flows.keys === undefined
        ? {}
        : {
            readToken: flows.keys.readToken,
            boardPort: () => flows.nodeRed?.port ?? config.NODE_RED_PORT,
          }),
      events: story,
      board,
      readiness: () => readinessOf(needs),
      metrics: () => figuresOf(needs, broker, listener, flows.counts()),
      log: needs.log,
      version,
    }),
  );
  const open = opening.move();
  return {
    httpPort: web.port,
    callbackPort: listener.port,
    board,
    status: desk.status,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
