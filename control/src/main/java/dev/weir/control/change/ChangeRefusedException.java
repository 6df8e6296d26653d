// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.model.Problem;
import java.util.List;

/// A change that must not be made; nothing was written.
public final class ChangeRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Why why;
  private final transient List<Problem> problems;

  public ChangeRefusedException(Why why, List<Problem> problems) {
    super(String.join("; ", problems.stream().map(Problem::toString).toList()));
    this.why = why;
    this.problems = List.copyOf(problems);
  }

  public Why why() {
    return why;
  }

  /// At least one.
  public List<Problem> problems() {
    return problems;
  }

  public enum Why {
    /// The resource says something that is not so: a reference to nothing, a name that is taken.
    INVALID,
    /// The state forbids it: something depends on the resource, it is immutable, or the transition
    /// is not legal from where it stands.
    CONFLICT
  }
}
