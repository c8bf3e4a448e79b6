/** The fields that keep an answer in its conversation (RFC 5322 section 3.6.4). Ids are without angle brackets, as in JMAP. */
export interface ThreadedMessage {
  readonly messageId: readonly string[] | null;
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
}

export interface AnswerHeaders {
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
}

/** A conversation of years would make the field longer than servers take: the first and the newest ids are what programs use. */
const maxReferences = 50;

export function answerHeaders(message: ThreadedMessage): AnswerHeaders {
  const own = message.messageId ?? [];
  // Without References, one In-Reply-To stands for them; several would say nothing about their order.
  const before = message.references ?? (message.inReplyTo?.length === 1 ? message.inReplyTo : []);
  const all = [...new Set([...before, ...own])];
  const [first, ...rest] = all;
  const references =
    first === undefined || all.length <= maxReferences ? all : [first, ...rest.slice(1 - maxReferences)];
  return { inReplyTo: [...own], references };
}
