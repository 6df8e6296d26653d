// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessControl;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeRefusedException;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.control.validation.Rules;
import dev.weir.control.validation.UnguardedServices;
import dev.weir.model.Problem;
import dev.weir.model.Resource;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// How handlers write: right, then change, then the ending as a problem or a commit.
final class ChangeWriter {
  private final Store store;
  private final ChangeExecutor changes;
  private final AccessControl accessControl;
  private final EnvironmentRules environmentRules;

  ChangeWriter(
      Store store,
      ChangeExecutor changes,
      AccessControl accessControl,
      EnvironmentRules environmentRules) {
    this.store = store;
    this.changes = changes;
    this.accessControl = accessControl;
    this.environmentRules = environmentRules;
  }

  /// The resources of a body that may and can be written: all of them, or a problem that says
  /// everything that is in the way. Rights come first, so that who may not learns nothing.
  ///
  /// @param namespace of resources that name none
  /// @param form says what the call asks of the set beyond its being right
  List<Resource> usable(ApiCall call, String namespace, Consumer<List<Resource>> form) {
    RequestBodies.Manifest manifest = RequestBodies.manifest(call, namespace);
    List<Resource> set = manifest.resources();
    requireRight(call, set);
    var problems = new ArrayList<>(manifest.problems());
    problems.addAll(environmentRules.refusals(set));
    if (problems.isEmpty()) {
      form.accept(set);
      return set;
    }
    problems.addAll(Rules.check(set, ResourceLookup.of(store)).all());
    throw ProblemException.of(ProblemType.INVALID, problems.stream().distinct().toList());
  }

  /// What the writer should know of a set that may be written.
  List<String> warnings(List<Resource> set) {
    var warnings = new ArrayList<>(environmentRules.warnings(set));
    warnings.addAll(UnguardedServices.warnings(set));
    return warnings;
  }

  /// Refuses the whole set when the caller may not write one of its resources, naming all of those.
  void requireRight(ApiCall call, List<Resource> set) {
    var refused = new ArrayList<Problem>();
    for (Resource resource : set) {
      Optional<Resource> before = store.get(resource.ref());
      accessControl
          .mayNotWrite(call.caller(), resource, before, set)
          .ifPresent(why -> refused.add(new Problem("", resource.ref().toString(), why)));
    }
    if (!refused.isEmpty()) {
      throw ProblemException.of(ProblemType.FORBIDDEN, refused);
    }
  }

  /// Carries the change out, or says why not.
  Commit.Done commit(Change change, ApiCall call) {
    Commit commit;
    try {
      commit = changes.execute(change, call.actor(), call.reason());
    } catch (ChangeRefusedException e) {
      throw refused(e);
    }
    return switch (commit) {
      case Commit.Done done -> done;
      case Commit.Conflict conflict -> throw conflicted(conflict, call);
    };
  }

  static ProblemException refused(ChangeRefusedException refusal) {
    return switch (refusal.why()) {
      case INVALID -> ProblemException.of(ProblemType.INVALID, refusal.problems());
      case CONFLICT -> ProblemException.of(ProblemType.CONFLICT, refusal.problems());
    };
  }

  private static ProblemException conflicted(Commit.Conflict conflict, ApiCall call) {
    if (Preconditions.given(call)) {
      return Preconditions.failed(conflict);
    }
    String now =
        conflict.currentRevision() == 0
            ? " does not exist"
            : " exists, with revision " + conflict.currentRevision();
    return ProblemException.of(ProblemType.CONFLICT, conflict.ref() + now)
        .with("currentRevision", conflict.currentRevision());
  }
}
