// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.model.value.Problem;
import java.util.List;

/// A change that a rule forbids. Nothing was written.
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

  /// The violated rules, at least one.
  public List<Problem> problems() {
    return problems;
  }

  public enum Why {
    /// The resource is not valid, for example because it refers to a missing resource.
    INVALID,
    /// The stored state does not allow the change: another resource depends on it, it is immutable,
    /// or the transition is not legal from the current phase.
    CONFLICT
  }
}
