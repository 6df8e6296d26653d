// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.view.AuditEntry;
import java.util.List;

/// A part of the audit log, oldest first.
///
/// @param head the newest entry's hash
public record AuditPage(List<AuditEntry> items, String head) {
  public AuditPage {
    items = List.copyOf(items);
  }
}
