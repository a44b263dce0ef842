/** What the calls share that M-Pesa answers twice: at once with an id, and later at a ResultURL. */
import { isCallable } from './callback-url.ts';
import type { LetterKind } from './faults.ts';
import type { Names } from './names.ts';
import type { Settings } from './options.ts';
import type { PostOffice } from './post-office.ts';
import { accepted, type Reply } from './replies.ts';
import * as field from './request-fields.ts';
import type { Conversation } from './result-message.ts';
import type { Timetable } from './timetable.ts';

/** The fields of every request in the initiator's name; B2C alone spells two of them otherwise. */
export function initiatorRules({ lenientUrls }: Settings) {
  const url = { valid: (text: string) => isCallable(text, lenientUrls) };
  return {
    Initiator: field.anything,
    SecurityCredential: field.matching(/^[A-Za-z0-9+/=]{1,1000}$/),
    ResultURL: url,
    QueueTimeOutURL: url,
    Remarks: field.remark,
    Occasion: field.optionalRemark,
  };
}

/** M-Pesa takes no id of the caller's for these; both ids are its own. */
export const openConversation = (names: Names): Conversation => ({
  originatorConversationId: names.merchantRequest(),
  conversationId: names.conversation(),
  transactionId: names.receipt(),
});

type Desk = {
  readonly settings: Pick<Settings, 'resultDelay'>;
  readonly names: Names;
  readonly timetable: Timetable;
  readonly post: PostOffice;
};

export type Question = {
  readonly kind: LetterKind;
  /** The phone or the transaction that it concerns, for the dice. */
  readonly about: string;
  readonly resultUrl: string;
  /** The body of the result, made when it leaves. */
  readonly result: (conversation: Conversation) => object;
};

/** Accepts the question now and answers it later, at its ResultURL. */
export function answerLater({ settings, names, timetable, post }: Desk, asked: Question): Reply {
  const { kind, about, resultUrl: url, result } = asked;
  const conversation = openConversation(names);
  const tell = () => post.send({ kind, url, about, body: result(conversation) });
  const told = post.isEarly(kind, about) ? tell() : undefined;
  if (told === undefined) {
    const waitMs = timetable.within(settings.resultDelay, `${kind} ${about}`);
    timetable.after(waitMs, () => void tell());
  }
  return { ...acknowledged(conversation), after: told };
}

/** The answer at once: accepted is not done. */
export const acknowledged = (conversation: Conversation): Reply =>
  accepted({
    OriginatorConversationID: conversation.originatorConversationId,
    ConversationID: conversation.conversationId,
    ResponseCode: '0',
    ResponseDescription: 'Accept the service request successfully.',
  });
