// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.change.ChangePlan;
import dev.weir.model.Resource;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Checks whether a caller may write resources.
final class WriteAccess {
  private final Store store;
  private final AccessControl accessControl;

  WriteAccess(Store store, AccessControl accessControl) {
    this.store = store;
    this.accessControl = accessControl;
  }

  /// The resources of the set that the caller may read but not write, and that the write would not
  /// change. The map contains the stored revision of each. The commit must require these revisions:
  /// otherwise a concurrent change by another caller turns the resource into a real write.
  Map<ResourceRef, Long> unchanged(AuthenticatedCaller caller, List<Resource> set) {
    Map<ResourceRef, Long> revisions = new HashMap<>();
    for (Resource resource : set) {
      Optional<Resource> before = store.get(resource.ref());
      if (before.filter(stored -> ChangePlan.same(stored, resource)).isPresent()
          && accessControl.mayRead(caller, resource.ref())
          && accessControl.writeRefusal(caller, resource, before, set).isPresent()) {
        revisions.put(resource.ref(), before.get().metadata().revision());
      }
    }
    return revisions;
  }

  /// The refusal of the whole set when the caller may not write one of its resources. It names all
  /// resources that the caller may not write.
  Optional<Refusal> refusal(AuthenticatedCaller caller, List<Resource> set) {
    var refused = new ArrayList<Problem>();
    for (Resource resource : set) {
      accessControl
          .writeRefusal(caller, resource, store.get(resource.ref()), set)
          .ifPresent(why -> refused.add(new Problem("", resource.ref().toString(), why)));
    }
    return refused.isEmpty() ? Optional.empty() : Optional.of(new Refusal.Forbidden(refused));
  }
}
