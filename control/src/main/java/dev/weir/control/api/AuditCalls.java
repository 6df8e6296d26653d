// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.store.AuditDraft;
import dev.weir.store.Store;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// The audit log: its entries, its verification, and acknowledgements of restores.
final class AuditCalls {
  private final Store store;
  private final AuditWitnesses witnesses;

  AuditCalls(Store store, AuditWitnesses witnesses) {
    this.store = store;
    this.witnesses = witnesses;
  }

  ApiResponse list(ApiCall call) {
    long after = call.number("after").orElse(0);
    ObjectNode body = ApiJson.object();
    String head = store.auditHead().hash();
    body.set("items", ApiJson.of(store.audit(after, call.limit(ResourceCalls.MAX_PAGE))));
    return ApiResponse.json(200, body.put("head", head));
  }

  ApiResponse verify() {
    return ApiResponse.json(200, ApiJson.of(List.of(witnesses.verify())).get(0));
  }

  ApiResponse acknowledge(ApiCall call) {
    long restore = call.number("restore").orElse(0);
    AuditDraft draft =
        new AuditDraft(
            call.caller().principal(),
            call.sourceAddress(),
            call.requestId(),
            "",
            "",
            "allowed",
            call.reason());
    return witnesses
        .acknowledge(restore, draft)
        .map(entry -> ApiResponse.json(200, ApiJson.of(List.of(entry)).get(0)))
        .orElseThrow(() ->
            ProblemException.of(
                ProblemType.NOT_FOUND,
                "audit entry "
                    + restore
                    + " is not about a restore: `weir audit verify` names the entry to acknowledge"));
  }
}
