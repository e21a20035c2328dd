/**
 * The one dense counter of a log. Every document of the log draws its ids from it, and the log's clock is the
 * same number: an operation uses as many counters as it has characters to insert or delete, so a version
 * vector of counters names exactly a set of operations, and ids need not be written down.
 *
 * `next`: the first counter not given out yet. Invariant: a whole number, `0 <= next <= counterMax`, never
 * goes down. Whoever owns the log sets it after reading the log back; documents only draw from it.
 */
export interface Counter {
  next: number;
}
