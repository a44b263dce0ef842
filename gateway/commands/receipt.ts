/** `receipt show` and `receipt verify`: proof of a trade that nobody has to take from the hub. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { ReceiptFile } from '../core/receipt.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { kes } from './hub-api.ts';
import { readReceiptFile, receiptFileOf } from './receipt-form.ts';
import { judgeReceipt, type ReceiptVerdict } from './receipt-verdict.ts';

const callDeadlineMs = 10_000;
const fileBytesMax = 64 * 1024;
const [wrongExit, uncheckedExit] = [1, 3];

/** Adds `receipt show TRADE [--json] [--out FILE]` and `receipt verify FILE [--rpc URL] [--json]`. */
export function receiptCommand(program: Command): void {
  const receipt = program.command('receipt').description('proof of a trade that needs no trust');
  receipt
    .command('show <trade>')
    .description('write the receipt of a settled trade into a file')
    .option('--out <file>', 'where to; receipt-TRADE.json in this folder otherwise')
    .option('--json', 'print it, write no file')
    .action((trade: string, { json, out }: { json?: boolean; out?: string }) => {
      const document = receiptOf(trade);
      const text = `${JSON.stringify(document, null, 2)}\n`;
      if (json) return void process.stdout.write(text);
      const file = out ?? `receipt-${document.receipt.trade}.json`;
      writeFileSync(file, text);
      process.stdout.write(`${inWords(document).join('\n')}\nWritten to ${file}.\n`);
    });
  receipt
    .command('verify <file>')
    .description('check a receipt; ends with 0 only when everything was checked and is right')
    .option('--rpc <url>', 'a Solana node that you trust; SOLANA_RPC_URLS otherwise')
    .option('--json')
    .action(async (file: string, { rpc, json }: { rpc?: string; json?: boolean }) => {
      const verdict = await verify(file, rpc);
      const text = json ? JSON.stringify(verdict, null, 2) : verdictInWords(verdict).join('\n');
      process.stdout.write(`${text}\n`);
      if (verdict.wrong.length > 0) process.exitCode = wrongExit;
      else if (verdict.unchecked.length > 0) process.exitCode = uncheckedExit;
    });
}

function receiptOf(trade: string): ReceiptFile {
  const { HUB_DATA_DIR } = configFrom(hubEnvironment());
  const file = join(HUB_DATA_DIR, 'books.db');
  if (!existsSync(file)) throw new Error(`No books in ${HUB_DATA_DIR}. Set HUB_DATA_DIR.`);
  using books = openBooks(file);
  const found = receiptFileOf(books, trade);
  if (found.ok) return found.value;
  throw new Error(
    found.error === 'unknown'
      ? `There is no trade ${trade}.`
      : 'There is no receipt yet: a trade gets it in the night after it was settled, from 01:00.',
  );
}

/** Needs no books and no configuration, so that it also runs on a machine that has never been a hub. */
async function verify(path: string, rpc: string | undefined): Promise<ReceiptVerdict> {
  if (statSync(path).size > fileBytesMax) throw new Error(`${path} is too long for a receipt.`);
  const file = readReceiptFile(readFileSync(path, 'utf8'));
  if (!file.ok)
    return { good: [], unchecked: [], wrong: [`no receipt of this hub: ${file.error}`] };
  const urls = rpc === undefined ? nodesOf(hubEnvironment()) : [rpc];
  return judgeReceipt(file.value, { urls, callDeadlineMs });
}

const nodesOf = ({ SOLANA_RPC_URLS = '' }: Readonly<Record<string, string | undefined>>) =>
  SOLANA_RPC_URLS.split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');

const inWords = ({ receipt, tree, chain }: ReceiptFile): string[] => [
  `Trade ${receipt.trade}: ${receipt.energyWh} Wh for ${kes(receipt.amountCents)}, settled ${receipt.settledAt}`,
  `  seller ${receipt.seller}`,
  `  buyer  ${receipt.buyer}`,
  `  leaf ${tree.index + 1} of ${tree.size} in the tree of ${tree.day}`,
  `  memo   ${chain.memoSignature ?? 'not on the chain yet'}`,
];

const verdictInWords = ({ good, unchecked, wrong }: ReceiptVerdict): string[] => [
  ...good.map((line) => `ok           ${line}`),
  ...unchecked.map((line) => `NOT CHECKED  ${line}`),
  ...wrong.map((line) => `WRONG        ${line}`),
  wrong.length > 0
    ? 'This receipt is not good.'
    : unchecked.length > 0
      ? 'What was checked is right; the rest was not checked.'
      : 'This receipt is good.',
];
