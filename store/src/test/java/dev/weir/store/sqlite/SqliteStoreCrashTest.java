// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.Store;
import dev.weir.store.StoreCrashContract;
import java.nio.file.Path;
import java.time.InstantSource;

final class SqliteStoreCrashTest extends StoreCrashContract {
  @Override
  protected Store open(Path folder, InstantSource clock) {
    return SqliteStore.open(folder, clock);
  }

  @Override
  protected Class<?> writerMain() {
    return Writer.class;
  }

  /// The process that is killed.
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      Store store = SqliteStore.open(Path.of(args[0]), InstantSource.system());
      writeForever(store, System.out);
    }
  }
}
