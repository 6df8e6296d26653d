// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;

/// A resource as the text that is stored: exact both ways.
interface ResourceJson {
  String write(Resource resource);

  /// @throws dev.weir.store.StoreException when the text is not what was written, or not a resource
  ///   of this build
  Resource read(StoredBody body);
}
