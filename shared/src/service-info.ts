/** What the start page shows: which doors are open, and how a mail program is set to use them. */
export interface Door {
  /** `imaps`, `https` ... */
  readonly name: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
}

export interface ServiceInfo {
  readonly product: string;
  readonly version: string;
  readonly domain: string;
  /** The name to give to a mail program. */
  readonly host: string;
  readonly selfSigned: boolean;
  /** Open to people. */
  readonly doors: readonly Door[];
  /** For other machines and administrators: shown on the machine itself only. */
  readonly inside: readonly Door[];
}
