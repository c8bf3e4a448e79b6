/**
 * The one error that reaches a client: MongoDB's own code, name and text. Anything else that is thrown becomes
 * `InternalError` with a constant text; what it was goes to the log.
 */

const names = {
  InternalError: 1,
  BadValue: 2,
  GraphContainsCycle: 5,
  HostUnreachable: 6,
  FailedToParse: 9,
  CannotMutateObject: 10,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  WriteConcernFailed: 64,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  UnknownReplWriteConcern: 79,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  OperationFailed: 96,
  UnsatisfiableWriteConcern: 100,
  CommandNotSupported: 115,
  QueryPlanKilled: 175,
  Interrupted: 11601,
  NoSuchTransaction: 251,
  TransactionTooOld: 225,
  OperationNotSupportedInTransaction: 263,
  ChangeStreamFatalError: 280,
  ChangeStreamHistoryLost: 286,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  MaxTimeMSExpired: 50,
  ShutdownInProgress: 91,
  InvalidResumeToken: 260,
  InvalidIndexSpecificationOption: 197,
  NotSingleValueField: 54,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  KeyTooLong: 17280,
  Location40415: 40415,
  Location40414: 40414,
  Location51075: 51075,
  Location31249: 31249,
  Location31253: 31253,
  Location31254: 31254,
  Location15998: 15998,
  Location16410: 16410,
  Location40323: 40323,
  Location40324: 40324,
  Location40602: 40602,
  Location40674: 40674,
  Location15958: 15958,
  Location15959: 15959,
} as const;

export type ErrorName = keyof typeof names;

const byCode = new Map<number, string>(Object.entries(names).map(([name, code]) => [code, name]));

export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;
  /** More fields of the error reply, already BSON (keyPattern, keyValue). */
  readonly extra: { readonly name: string; readonly document: Buffer }[];
  readonly labels: readonly string[];

  constructor(
    name: ErrorName,
    text: string,
    details: { extra?: { name: string; document: Buffer }[]; labels?: string[] } = {},
  ) {
    super(text);
    this.name = 'MongoError';
    this.code = names[name];
    this.codeName = name;
    this.extra = details.extra ?? [];
    this.labels = details.labels ?? [];
  }
}

/** The name MongoDB gives a code, for fail points, which name codes by number. */
export function codeNameOf(code: number): string {
  return byCode.get(code) ?? `Location${code}`;
}

/** Errors of the shape of a command, which fail it whole; others in a statement are that statement's own. */
export function isMalformed(error: MongoError): boolean {
  return error.codeName === 'Location40414' || error.codeName === 'Location40415' || error.codeName === 'TypeMismatch';
}
