/** Checks a receipt without the hub's books: by arithmetic, and by what the chain itself says. */
import { digestOf } from '../adapters/ids/ids.ts';
import {
  type ChainReader,
  type ChainReaderOptions,
  openChainReader,
} from '../adapters/solana/read-chain.ts';
import { faultsOf, type ReceiptFile } from '../core/receipt.ts';

/** `wrong` is proved; `unchecked` could not be looked at. Good is only a receipt with neither. */
export type ReceiptVerdict = {
  readonly good: readonly string[];
  readonly unchecked: readonly string[];
  readonly wrong: readonly string[];
};

export type Asking = Omit<ChainReaderOptions, 'genesisHash' | 'mint'>;

/** The file says which chain it means; a node of another one has no say. */
export async function judgeReceipt(file: ReceiptFile, asking: Asking): Promise<ReceiptVerdict> {
  if (asking.urls.length === 0) return judge(file, { away: 'give a node with --rpc URL' });
  const chain = await openChainReader({ ...asking, genesisHash: file.chain.genesisHash });
  if (chain.ok) return judge(file, chain.value);
  const away = chain.error === 'wrong-chain' ? 'the node serves another chain' : 'no node answers';
  return judge(file, { away });
}

async function judge(
  file: ReceiptFile,
  chain: ChainReader | { readonly away: string },
): Promise<ReceiptVerdict> {
  const faults = faultsOf(digestOf, file);
  if (faults.length > 0) return { good: [], unchecked: [], wrong: faults };
  const { tree } = file;
  const good = [
    `the receipt is leaf ${tree.index + 1} of ${tree.size} in the tree of ${tree.day}, root ${tree.root}`,
  ];
  if ('away' in chain)
    return {
      good,
      unchecked: [`that the root and the transfer are on the chain: ${chain.away}`],
      wrong: [],
    };
  const found = [await judgeMemo(file, chain), await judgeTransfer(file, chain)];
  return {
    good: [...good, ...found.flatMap((one) => one.good ?? [])],
    unchecked: found.flatMap((one) => one.unchecked ?? []),
    wrong: found.flatMap((one) => one.wrong ?? []),
  };
}

type Finding = { readonly good?: string; readonly unchecked?: string; readonly wrong?: string };

async function judgeMemo({ chain: said }: ReceiptFile, chain: ChainReader): Promise<Finding> {
  const { memoSignature, memo, hub } = said;
  if (memoSignature === null)
    return { unchecked: 'the memo: it was not on the chain yet when the file was made' };
  const found = await chain.memoOf(memoSignature);
  if (!found.ok) return { unchecked: 'the memo: no node answered' };
  if (found.value === undefined)
    return { unchecked: `the memo: the node knows no transaction ${memoSignature}` };
  const { payer, memos, failed } = found.value;
  if (failed) return { wrong: 'the transaction with the memo failed on the chain' };
  if (payer !== hub) return { wrong: `the memo was signed by ${payer} and not by the hub ${hub}` };
  if (!memos.includes(memo)) return { wrong: 'the memo on the chain says something else' };
  return { good: `the root is on the chain, signed by ${hub}` };
}

async function judgeTransfer({ receipt }: ReceiptFile, chain: ChainReader): Promise<Finding> {
  const found = await chain.memoOf(receipt.signature);
  if (!found.ok) return { unchecked: 'the transfer: no node answered' };
  if (found.value === undefined)
    return { unchecked: `the transfer: the node knows no transaction ${receipt.signature}` };
  const { memos, failed } = found.value;
  if (failed || !memos.includes(receipt.trade))
    return { wrong: 'the transfer on the chain is not that of this trade' };
  return { good: 'the transfer of this trade is on the chain' };
}
