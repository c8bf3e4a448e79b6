/**
 * Tests of the suites that do not pass, and why. A test that fails and is not here breaks the run; one that is here and
 * passes breaks it too, so the list stays true.
 */
export const expectedFailures: readonly { readonly reason: string; readonly tests: RegExp }[] = [
  { reason: 'collation is refused', tests: /with (a )?collation|and collation/ },
  { reason: '`let` is refused', tests: /with let option|bulkWrite let$/ },
  { reason: 'arrayFilters are refused', tests: /rrayFilters( |$)/ },
  {
    reason: '$out and $merge are refused',
    tests: /crud.*\$(out|merge)|(majority|local|available) with out stage|retryable-writes\/aggregate-out-merge/,
  },
  {
    reason: 'updates by pipeline are refused',
    tests:
      /update-?(Many|One)?-?pipeline|Update-pipeline|(update(Many|One)|Update)-dots_and_dollars.*(dollar-prefixed|dotted) key.* on 5\.0\+|findOneAndUpdate-comment.*(string|document) comment$|(bulkWrite-update(Many|One)|findOneAndUpdate)-rawdata|updateOne-sort\.json: BulkWrite updateOne with sort option$/,
  },
  {
    reason: '$expr is refused',
    tests:
      /client-bulkWrite-errors\.json: (an individual operation|detailed results are omitted from error|a bulk write with only errors)/,
  },
  { reason: 'views are refused', tests: /works correctly on views/ },
  { reason: 'pipelines on a database are refused', tests: /db-aggregate/ },
  {
    reason: 'the driver leaves out bypassDocumentValidation: false',
    tests: /bypassDocumentValidation\.json: (BulkWrite|FindOneAnd|InsertMany)/,
  },
  {
    reason: 'the driver replaces an _id of null',
    tests: /create-null-ids.*(insertOne|insertMany|bulkWrite|clientBulkWrite)$/,
  },
  {
    reason: 'the driver gives a partial result without counts, or one field more',
    tests:
      /partialResult is unset|mixed namespaces$|verboseResults: true returns detailed|update-options.*(hint|upsert)$|client bulkWrite with no multi: true operations succeeds/,
  },
];

/** What this server refuses, whole files of tests at a time. */
export const refused: readonly { readonly reason: string; readonly files: RegExp }[] = [
  { reason: 'transactions are refused', files: /^transactions\// },
];
