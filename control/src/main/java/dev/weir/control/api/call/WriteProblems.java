// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.control.pipeline.Refusal;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;

/// The problem that a refused write is answered with.
public final class WriteProblems {
  private WriteProblems() {}

  public static ProblemException of(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed(String detail) -> ProblemException.of(ProblemType.MALFORMED, detail);
      case Refusal.Forbidden(var problems) -> ProblemException.of(ProblemType.FORBIDDEN, problems);
      case Refusal.NotFound(ResourceRef ref) -> missing(ref);
      case Refusal.WrongBody(String detail) -> ProblemException.of(ProblemType.INVALID, detail);
      case Refusal.Invalid(var problems) -> ProblemException.of(ProblemType.INVALID, problems);
      case Refusal.NotAllowed(var problems) -> ProblemException.of(ProblemType.CONFLICT, problems);
      case Refusal.Missing(ResourceRef ref) ->
          ProblemException.of(ProblemType.PRECONDITION_FAILED, ref + " does not exist")
              .with("currentRevision", 0);
      case Refusal.PreconditionFailed(Commit.Conflict conflict) -> preconditionFailed(conflict);
      case Refusal.Overtaken(Commit.Conflict conflict) -> overtaken(conflict);
    };
  }

  public static ProblemException missing(ResourceRef ref) {
    return ProblemException.of(ProblemType.NOT_FOUND, "there is no " + ref);
  }

  private static ProblemException preconditionFailed(Commit.Conflict conflict) {
    String now =
        conflict.currentRevision() == 0
            ? "does not exist"
            : "has revision " + conflict.currentRevision();
    String expected =
        conflict.expectedRevision() == 0
            ? "it was expected not to exist"
            : "revision " + conflict.expectedRevision() + " was expected";
    return ProblemException.of(
            ProblemType.PRECONDITION_FAILED,
            conflict.ref() + " " + now + ", " + expected + "; read it again and repeat")
        .with("currentRevision", conflict.currentRevision());
  }

  private static ProblemException overtaken(Commit.Conflict conflict) {
    String now =
        conflict.currentRevision() == 0
            ? " does not exist"
            : " exists, with revision " + conflict.currentRevision();
    return ProblemException.of(ProblemType.CONFLICT, conflict.ref() + now)
        .with("currentRevision", conflict.currentRevision());
  }
}
