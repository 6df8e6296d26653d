// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.Store;
import dev.weir.store.StoreContract;
import java.nio.file.Path;
import java.time.InstantSource;

final class SqliteStoreContractTest extends StoreContract {
  @Override
  protected Store open(Path folder, InstantSource clock) {
    return SqliteStore.open(folder, clock);
  }

  @Override
  protected void compact(Store store, long keepRevisions) {
    ((SqliteStore) store).compact(keepRevisions);
  }
}
