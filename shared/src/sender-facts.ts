/** What `GET /api/directory/sender` says about the author of a message. */
export interface SenderFacts {
  /** An address of the laboratory. */
  readonly inside: boolean;
  /** The reader wrote to this address. */
  readonly writtenTo: boolean;
  /** Somebody whose address this one could be taken for; without a name when it is a domain that is imitated. */
  readonly like: KnownPerson | null;
  /** Somebody of the laboratory who has this name and another address. */
  readonly namesake: KnownPerson | null;
}

export interface KnownPerson {
  readonly name: string;
  readonly address: string;
}
