/**
 * What the relay can tell without a queue and without its service: where a message would go, and what the world sees of the
 * laboratory's mail. `main` gives it to the command line; the relay's package makes it.
 */
export interface RelayOutlook {
  testRoute(address: string, signal: AbortSignal): Promise<RouteTold>;
  selfTest(signal: AbortSignal): Promise<readonly Finding[]>;
  exportRecipients(addresses: Iterable<string>, form: ExportForm, salt: string): RecipientExport;
}

export interface RouteTold {
  /** As in the queue. */
  readonly route: string;
  /** In the order they would be tried in. */
  readonly hosts: readonly { readonly host: string; readonly address: string; readonly port: number }[];
  /** Why nobody would be tried. */
  readonly problem?: string;
  /** MTA-STS. */
  readonly promise?: 'enforce' | 'testing';
}

export interface Finding {
  readonly level: 'good' | 'warning' | 'error';
  /** `mx`, `mx-diversity`, `ns-diversity`, `spf`, `sts`, `address`. */
  readonly check: string;
  /** What it is about. */
  readonly name: string;
  readonly text: string;
}

export const exportForms = ['text', 'postfix', 'json', 'hashes'] as const;
export type ExportForm = (typeof exportForms)[number];

export interface RecipientExport {
  readonly body: string;
  readonly contentType: string;
  /** RFC 9110 8.8.3, with its quotes. */
  readonly etag: string;
}
