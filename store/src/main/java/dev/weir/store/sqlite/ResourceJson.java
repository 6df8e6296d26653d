// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;

/// Lossless conversion between resources and stored text.
interface ResourceJson {
  String write(Resource resource);

  /// @throws dev.weir.store.StoreException when the text is corrupt, or is not a resource that this
  ///   build can read
  Resource read(StoredBody body);
}
