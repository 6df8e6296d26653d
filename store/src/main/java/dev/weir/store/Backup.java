// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.io.IOException;
import java.io.InputStream;

/// A consistent copy of a store. Read it once, then close it. It leaves no files behind, not even
/// after a crash.
///
/// @param revision the newest revision in it
/// @param auditEntries number of audit entries in it
/// @param auditHead hash of the last audit entry; keep it as a witness
/// @param bytes size of `content`
public record Backup(
    long revision, long auditEntries, String auditHead, long bytes, InputStream content)
    implements AutoCloseable {
  @Override
  public void close() throws IOException {
    content.close();
  }
}
