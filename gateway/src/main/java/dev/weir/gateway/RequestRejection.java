// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.RequestRecorder;
import java.util.Map;

/// Rejects a request before a version is chosen. The rejection is recorded and answered in the
/// format of its API family.
record RequestRejection(
    RequestRecorder recorder,
    RequestHead head,
    ClientStream client,
    String requestId,
    boolean anthropic) {

  void reject(Failure.Kind kind, String message) {
    reject(new Failure(kind, message));
  }

  void reject(Failure failure) {
    reject(failure, Map.of());
  }

  void reject(Failure failure, Map<String, String> headers) {
    recorder.refused(requestId, head.method(), head.path(), failure);
    LocalResponses.fail(client, failure, anthropic, requestId, headers);
  }

  /// The client disconnected before a version was chosen: recorded, not answered.
  void clientDisconnected() {
    recorder.refused(requestId, head.method(), head.path(), AttemptTracker.clientDisconnected());
  }

  void denied(AuthResult.Denied denied) {
    boolean unknown = denied.status() == 401;
    Failure.Kind kind = unknown ? Failure.Kind.UNAUTHENTICATED : Failure.Kind.FORBIDDEN;
    Map<String, String> challenge = unknown ? Map.of("www-authenticate", "Bearer") : Map.of();
    reject(new Failure(kind, denied.message(), denied.code()), challenge);
  }
}
