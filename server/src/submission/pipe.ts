/**
 * Octets from one who pushes to one who pulls: `write` resolves when the reader asks for more, so that nobody is ahead by more
 * than one piece.
 */
export interface Pipe {
  /** Rejects with what `fail` was told. */
  write(octets: Uint8Array): Promise<void>;
  /** No more comes. */
  end(): void;
  /** Both sides are told. */
  fail(error: unknown): void;
  /** May be read once. */
  readonly octets: AsyncIterable<Uint8Array>;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

export function createPipe(): Pipe {
  let piece: Uint8Array | undefined;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let writer: Waiting | undefined;
  let reader: Waiting | undefined;

  const wake = (waiting: Waiting | undefined): void => {
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(failure.error);
  };
  const wakeReader = (): void => {
    const waiting = reader;
    reader = undefined;
    wake(waiting);
  };
  const wakeWriter = (): void => {
    const waiting = writer;
    writer = undefined;
    wake(waiting);
  };

  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (failure !== undefined) throw failure.error;
      if (piece !== undefined) {
        const taken = piece;
        piece = undefined;
        yield taken;
        wakeWriter();
      } else if (ended) return;
      else {
        await new Promise<void>((resolve, reject) => {
          reader = { resolve, reject };
        });
      }
    }
  }

  return {
    octets: read(),
    write(octets) {
      if (failure !== undefined) return Promise.reject(failure.error);
      piece = octets;
      const taken = new Promise<void>((resolve, reject) => {
        writer = { resolve, reject };
      });
      wakeReader();
      return taken;
    },
    end() {
      ended = true;
      wakeReader();
    },
    fail(error) {
      if (failure !== undefined) return;
      failure = { error };
      wakeReader();
      wakeWriter();
    },
  };
}
