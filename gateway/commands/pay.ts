/** `pay`: what became of a payment, what does not agree with M-Pesa, and what a person decides about it. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Done, FindView, ReconcileView, ReviewsView } from '../ports/money-desk.ts';
import { ask, type Json, order, print } from './hub-api.ts';
import { within } from './number-option.ts';
import { foundLines, reconcileLines, reviewLines } from './pay-lines.ts';

/** A comparison asks M-Pesa at most once a second; machine ms. */
const reconcileMs = 180_000;

type Because = Json & { readonly reason?: string };

/** Adds `pay reconcile`, `find`, `reviews` and the decisions of a person. */
export function payCommand(program: Command): void {
  const pay = program.command('pay').description('payments: find them, compare them, decide');
  pay
    .command('reconcile')
    .description('compare with M-Pesa now; print every difference and what was done')
    .option('--json')
    .action(async ({ json }: Json) => {
      print(
        await order<ReconcileView>('/api/money/reconcile', {}, reconcileMs),
        json,
        reconcileLines,
      );
    });
  pay
    .command('find <what>')
    .description('everything known by a phone, a receipt, a payment code or any id')
    .option('--json')
    .action(async (what: string, { json }: Json) => {
      print(await order<FindView>('/api/money/find', { what }), json, foundLines);
    });
  pay
    .command('reviews')
    .description('what waits for a person')
    .option('--json')
    .action(async ({ json }: Json) => {
      print(await ask<ReviewsView>('/api/money/reviews'), json, reviewLines);
    });
  addAboutIncoming(pay);
  addAboutOutgoing(pay);
}

const decision = (pay: Command, words: string, description: string): Command =>
  pay
    .command(words)
    .description(description)
    .option('--reason <text>', 'kept with the decision')
    .option('--json');

async function decide(
  path: string,
  { json, ...body }: Because & { readonly household?: string },
): Promise<void> {
  print(await order<Done>(`/api/money/${path}`, body), json, ({ did }) => [did]);
}
const part = encodeURIComponent;

function addAboutIncoming(pay: Command): void {
  decision(pay, 'confirm <topup>', 'it was paid: M-Pesa’s portal shows this receipt')
    .requiredOption('--receipt <code>', 'as in M-Pesa’s message')
    .action((id: string, options: Because) => decide(`topups/${part(id)}/confirm`, options));
  decision(pay, 'deny <topup>', 'it was not paid: M-Pesa’s portal does not show it').action(
    (id: string, options: Because) => decide(`topups/${part(id)}/deny`, options),
  );
  decision(pay, 'assign <receipt> <household>', 'put an unmatched payment into a wallet')
    .option('--amount <KES>', 'for a payment that only M-Pesa’s portal shows', within(1, 250_000))
    .action((receipt: string, household: string, options: Because) =>
      decide(`payments/${part(receipt)}/assign`, { ...options, household }),
    );
  decision(pay, 'reverse <receipt>', 'give a payment back to the phone that made it').action(
    (receipt: string, options: Because) => decide(`payments/${part(receipt)}/reverse`, options),
  );
  decision(pay, 'checked <difference>', 'you have looked into a difference').action(
    (subject: string, options: Because) => decide(`alarms/${part(subject)}/checked`, options),
  );
  decision(
    pay,
    'accept-balance',
    'what M-Pesa holds beyond the books is the keeper’s float',
  ).action((options: Because) => decide('all/accept-balance', options));
}

type Terms = Because & {
  readonly from?: string;
  readonly least?: number;
  readonly tariff?: readonly unknown[];
};

/** A list of {"upTo": KES, "fee": KES}, as the hub wants it; the hub checks it. */
function tariffIn(file: string): readonly unknown[] {
  const bands: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (Array.isArray(bands)) return bands;
  throw new InvalidArgumentError('a list of {"upTo": KES, "fee": KES} is needed');
}

function addAboutOutgoing(pay: Command): void {
  decision(pay, 'terms', 'when and from how much sellers are paid, and M-Pesa’s fees')
    .option('--from <time>', 'the day’s payouts begin at this time, such as 18:00')
    .option('--least <KES>', 'earnings below this wait', within(10, 500))
    .option('--tariff <file>', 'M-Pesa’s fees: JSON, a list of {"upTo": KES, "fee": KES}', tariffIn)
    .action((options: Terms) => decide('terms', options));
  decision(pay, 'pause', 'all payouts wait').action((options: Because) =>
    decide('all/pause', options),
  );
  decision(pay, 'resume [household]', 'payouts go on: everybody’s, or one household’s').action(
    (household: string | undefined, options: Because) =>
      decide('all/resume', household === undefined ? options : { ...options, household }),
  );
  decision(pay, 'went <id>', 'a payout or reversal in review was done')
    .option('--transaction <code>', 'of a payout, as M-Pesa’s portal shows it')
    .option('--amount <KES>', 'of a payout, where the portal shows another', within(10, 250_000))
    .action((id: string, options: Because) => decide(`out/${part(id)}/went`, options));
  decision(pay, 'failed <id>', 'a payout or reversal in review was not done').action(
    (id: string, options: Because) => decide(`out/${part(id)}/failed`, options),
  );
}
