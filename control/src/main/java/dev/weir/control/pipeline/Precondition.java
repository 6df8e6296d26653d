// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import java.util.Optional;
import java.util.OptionalLong;

/// What a call requires of the stored revision of a resource. Revision 0 means that the resource
/// does not exist.
public sealed interface Precondition {
  /// The call requires nothing.
  record None() implements Precondition {}

  /// The resource must not exist.
  record Absent() implements Precondition {}

  /// The resource must exist, with any revision.
  record Present() implements Precondition {}

  /// The resource must have this revision.
  record AtRevision(long revision) implements Precondition {}

  /// The call states a precondition that cannot be read.
  record Unreadable(String detail) implements Precondition {}

  /// Whether the call states a precondition.
  default boolean given() {
    return !(this instanceof None);
  }

  /// The revision that the commit must require; empty for any.
  ///
  /// @param current the stored revision, of which [#refusal] is empty
  default OptionalLong expected(long current) {
    return given() ? OptionalLong.of(current) : OptionalLong.empty();
  }

  /// Why the precondition does not hold for a write; empty when it holds.
  ///
  /// @param guarded the resource that it refers to; empty when the write contains several
  /// @param current the stored revision of this resource
  /// @param resources the number of resources in the write
  default Optional<Refusal> refusal(Optional<ResourceRef> guarded, long current, int resources) {
    if (guarded.isPresent()) {
      return refusal(guarded.get(), current);
    }
    return given()
        ? Optional.of(
            new Refusal.Malformed("If-Match guards one resource, the body holds " + resources))
        : Optional.empty();
  }

  /// Why the precondition does not hold; empty when it holds.
  ///
  /// @param current the stored revision
  default Optional<Refusal> refusal(ResourceRef ref, long current) {
    return switch (this) {
      case None _ -> Optional.empty();
      case Unreadable(String detail) -> Optional.of(new Refusal.Malformed(detail));
      case Present _ -> current == 0 ? Optional.of(new Refusal.Missing(ref)) : Optional.empty();
      case Absent _ -> differs(ref, 0, current);
      case AtRevision(long revision) -> differs(ref, revision, current);
    };
  }

  /// The refusal of a write whose commit found another revision.
  default Refusal overtaken(Commit.Conflict conflict) {
    return given() ? new Refusal.PreconditionFailed(conflict) : new Refusal.Overtaken(conflict);
  }

  private static Optional<Refusal> differs(ResourceRef ref, long expected, long current) {
    return expected == current
        ? Optional.empty()
        : Optional.of(new Refusal.PreconditionFailed(new Commit.Conflict(ref, expected, current)));
  }
}
