/** Which message of the open conversation the reader is on: commands that concern one message are about that one. */
let messageId = $state<string>();

export const reading = {
  get messageId(): string | undefined {
    return messageId;
  },
  set messageId(id: string | undefined) {
    messageId = id;
  },
};
