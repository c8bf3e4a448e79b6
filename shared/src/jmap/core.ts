/**
 * JMAP's core (RFC 8620) as the browser and the server write it: values, the session, requests and responses. Names are
 * those of the RFC. What may be absent on the wire is optional here; `null` is written where the RFC says null.
 */

/** RFC 8620 1.2: 1 to 255 characters of [A-Za-z0-9_-]. */
export type Id = string;
/** RFC 8620 1.4: RFC 3339, `time-offset` Z, no fraction when it is zero. */
export type UTCDate = string;
/** RFC 8620 1.4: RFC 3339 with any offset. */
export type DateWithOffset = string;

export const capability = {
  core: 'urn:ietf:params:jmap:core',
  mail: 'urn:ietf:params:jmap:mail',
  submission: 'urn:ietf:params:jmap:submission',
  quota: 'urn:ietf:params:jmap:quota',
  blob: 'urn:ietf:params:jmap:blob',
} as const;

/** RFC 8620 2: limits that the server keeps and a client must heed. */
export interface CoreCapability {
  readonly maxSizeUpload: number;
  readonly maxConcurrentUpload: number;
  readonly maxSizeRequest: number;
  readonly maxConcurrentRequests: number;
  readonly maxCallsInRequest: number;
  readonly maxObjectsInGet: number;
  readonly maxObjectsInSet: number;
  readonly collationAlgorithms: readonly string[];
}

/** RFC 8621 1.3.1, of an account. */
export interface MailCapability {
  readonly maxMailboxesPerEmail: number | null;
  readonly maxMailboxDepth: number | null;
  readonly maxSizeMailboxName: number;
  readonly maxSizeAttachmentsPerEmail: number;
  readonly emailQuerySortOptions: readonly string[];
  readonly mayCreateTopLevelMailbox: boolean;
}

/** RFC 8621 1.3.2, of an account. */
export interface SubmissionCapability {
  /** Seconds; 0: no delayed send. */
  readonly maxDelayedSend: number;
  readonly submissionExtensions: Readonly<Record<string, readonly string[]>>;
}

/** RFC 9404 3.1, of an account. */
export interface BlobCapability {
  readonly maxSizeBlobSet: number | null;
  readonly maxDataSources: number;
  readonly supportedTypeNames: readonly string[];
  readonly supportedDigestAlgorithms: readonly string[];
}

export interface AccountCapabilities {
  readonly [capability.mail]?: MailCapability;
  readonly [capability.submission]?: SubmissionCapability;
  readonly [capability.blob]?: BlobCapability;
  readonly [name: string]: unknown;
}

export interface SessionAccount {
  readonly name: string;
  readonly isPersonal: boolean;
  readonly isReadOnly: boolean;
  readonly accountCapabilities: AccountCapabilities;
}

/** RFC 8620 2: the session resource. */
export interface Session {
  readonly capabilities: {
    readonly [capability.core]: CoreCapability;
    readonly [name: string]: unknown;
  };
  readonly accounts: Readonly<Record<Id, SessionAccount>>;
  readonly primaryAccounts: Readonly<Record<string, Id>>;
  readonly username: string;
  readonly apiUrl: string;
  /** URI template with accountId, blobId, type and name. */
  readonly downloadUrl: string;
  /** URI template with accountId. */
  readonly uploadUrl: string;
  /** URI template with types, closeafter and ping. */
  readonly eventSourceUrl: string;
  readonly state: string;
}

/** RFC 8620 3.2: name, arguments, method call id. */
export type Invocation = readonly [name: string, args: Readonly<Record<string, unknown>>, callId: string];

/** RFC 8620 3.3. */
export interface Request {
  readonly using: readonly string[];
  readonly methodCalls: readonly Invocation[];
  readonly createdIds?: Readonly<Record<Id, Id>>;
}

/** RFC 8620 3.4. */
export interface Response {
  readonly methodResponses: readonly Invocation[];
  readonly createdIds?: Readonly<Record<Id, Id>>;
  readonly sessionState: string;
}

/** RFC 8620 3.7: the value of an argument whose name begins with `#`. */
export interface ResultReference {
  readonly resultOf: string;
  readonly name: string;
  readonly path: string;
}

/** RFC 8620 6.1: what an upload answers. */
export interface UploadedBlob {
  readonly accountId: Id;
  readonly blobId: Id;
  readonly type: string;
  readonly size: number;
}

/** RFC 8620 7.1: what push says; account id, then type name, then state. */
export interface StateChange {
  readonly '@type': 'StateChange';
  readonly changed: Readonly<Record<Id, TypeState>>;
}
export type TypeState = Readonly<Record<string, string>>;

/** RFC 8620 7.2.2: what is pushed to a new subscription. */
export interface PushVerification {
  readonly '@type': 'PushVerification';
  readonly pushSubscriptionId: Id;
  readonly verificationCode: string;
}
