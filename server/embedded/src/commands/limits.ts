/** Limits of commands, with what they stop. */

/**
 * Statements of one write command. They run in one turn of the loop and one transaction, so this bounds how long everybody
 * else waits (some 50 ms); drivers read it from `hello` and split what is larger.
 */
export const maxWriteBatch = 10_000;

/** Documents of the first batch when the client does not say, as at MongoDB. */
export const defaultFirstBatch = 101;

/** Keys held by one updateMany or deleteMany while it runs: found first, then changed, so that it meets each once. */
export const maxMultiTargets = 500_000;
