// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import java.util.OptionalLong;

/// One write of a commit.
public sealed interface Write {
  ResourceRef ref();

  /// Creates or replaces a resource. The store sets revision, specRevision and createdAt of the
  /// metadata.
  ///
  /// @param expectedRevision the required current revision; 0 = must not exist; empty = any
  record Put(Resource resource, OptionalLong expectedRevision) implements Write {
    @Override
    public ResourceRef ref() {
      return resource.ref();
    }
  }

  /// @param expectedRevision as for `Put`; deleting a resource that does not exist is a conflict
  record Delete(ResourceRef ref, OptionalLong expectedRevision) implements Write {}
}
