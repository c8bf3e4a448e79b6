/**
 * Copies of the whole store, as the command line asks for them: `main` knows which store there is and gives the doing.
 * Errors are MailErrors whose text says what to do.
 */
export interface StoreKeeper {
  /** A consistent, verified copy while a service runs or not. MailError alreadyExists, nonexistent, cannot. */
  backup(folder: string, signal: AbortSignal): Promise<StoreCopy>;
  /** From such a copy into the store of the settings, which must be empty. MailError alreadyExists, nonexistent, invalid, inUse. */
  restore(folder: string, signal: AbortSignal): Promise<StoreCopy>;
}

export interface StoreCopy {
  readonly documents: number;
  readonly bytes: number;
  /** When the copy was made. */
  readonly made: string;
  /** Where it went. */
  readonly where: string;
}
