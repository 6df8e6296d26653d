// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.CallLimiter;
import dev.weir.store.AuditDraft;
import dev.weir.store.Backup;
import dev.weir.store.Store;
import java.util.Map;

/// Streams a copy of the store. Each backup is audited, and the copy contains this entry.
/// Concurrent backups are limited, because each needs space on the store's disk.
final class BackupCalls {
  static final String CONTENT_TYPE = "application/vnd.sqlite3";

  private final Store store;
  private final CallLimiter callLimiter;

  BackupCalls(Store store, CallLimiter callLimiter) {
    this.store = store;
    this.callLimiter = callLimiter;
  }

  ApiResponse backup(ApiCall call) {
    CallLimiter.CallSlot callSlot = callLimiter.take();
    boolean handedOver = false;
    try {
      store.record(
          new AuditDraft(
              call.caller().principal(),
              call.sourceAddress(),
              call.requestId(),
              "backup",
              "",
              "allowed",
              call.reason()));
      ApiResponse answer = answer(store.backup(), callSlot);
      handedOver = true;
      return answer;
    } finally {
      if (!handedOver) {
        callSlot.close();
      }
    }
  }

  private static ApiResponse answer(Backup backup, CallLimiter.CallSlot callSlot) {
    Map<String, String> headers =
        Map.of(
            "x-weir-revision", Long.toString(backup.revision()),
            "x-weir-audit-entries", Long.toString(backup.auditEntries()),
            "x-weir-audit-head", backup.auditHead());
    return new ApiResponse.Download(
        CONTENT_TYPE, backup.bytes(), backup.content(), headers, callSlot);
  }
}
