// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.model.Resource;
import dev.weir.model.value.Problem;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Checks whether a caller may write resources.
final class WriteAccess {
  private final Store store;
  private final AccessControl accessControl;

  WriteAccess(Store store, AccessControl accessControl) {
    this.store = store;
    this.accessControl = accessControl;
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
