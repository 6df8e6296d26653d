// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.change.ChangeRefusedException;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import java.util.List;

/// The reason why a write was refused. Nothing was written.
public sealed interface Refusal {
  /// A header or the combination of header and body cannot be used.
  record Malformed(String detail) implements Refusal {}

  /// The caller may not write some of the resources; one problem for each of them.
  record Forbidden(List<Problem> problems) implements Refusal {
    public Forbidden {
      problems = List.copyOf(problems);
    }
  }

  /// The resource to delete does not exist.
  record NotFound(ResourceRef ref) implements Refusal {}

  /// The body contains no resource, or not the one that the path names.
  record WrongBody(String detail) implements Refusal {}

  /// Fields or references are not valid.
  record Invalid(List<Problem> problems) implements Refusal {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }

  /// The stored state does not allow the change.
  record NotAllowed(List<Problem> problems) implements Refusal {
    public NotAllowed {
      problems = List.copyOf(problems);
    }
  }

  /// A precondition requires that the resource exists.
  record Missing(ResourceRef ref) implements Refusal {}

  /// The resource has another revision than the precondition of the call requires.
  record PreconditionFailed(Commit.Conflict conflict) implements Refusal {}

  /// The resource has another revision than the write requires, and the call has no precondition.
  record Overtaken(Commit.Conflict conflict) implements Refusal {}

  /// The refusal of a change that the change executor did not allow.
  static Refusal of(ChangeRefusedException refused) {
    return switch (refused.why()) {
      case INVALID -> new Invalid(refused.problems());
      case CONFLICT -> new NotAllowed(refused.problems());
    };
  }
}
