// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import java.time.Instant;

/// One answer as its client judged it.
///
/// @param ended when the client knew
/// @param version that answered, `model@version`; empty when the answer does not say
/// @param wrong what is wrong with it, in a word or two; empty for a right one
/// @param detail more of what went wrong, for people; may be empty
public record Judged(Instant ended, String version, Verdict verdict, String wrong, String detail) {
  /// How an answer is.
  public enum Verdict {
    /// Every byte is right, and so are the counts.
    RIGHT,
    /// The client saw a failure: an error status, an error event or a broken connection.
    FAILED,
    /// It looks like an answer and is not the one that was owed.
    WRONG
  }

  public boolean right() {
    return verdict == Verdict.RIGHT;
  }

  public boolean failed() {
    return verdict == Verdict.FAILED;
  }
}
