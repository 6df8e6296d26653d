// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.io.IOException;
import java.io.InputStream;

/// A consistent copy of a store, to be read once and closed. Nothing of it stays behind, not even
/// after a crash.
///
/// @param revision the newest in it
/// @param auditEntries how many it holds
/// @param auditHead the hash of the last, to be kept as a witness
/// @param bytes how many `content` has
public record Backup(
    long revision, long auditEntries, String auditHead, long bytes, InputStream content)
    implements AutoCloseable {
  @Override
  public void close() throws IOException {
    content.close();
  }
}
