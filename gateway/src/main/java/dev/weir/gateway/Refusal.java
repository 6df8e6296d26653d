// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Recorder;
import dev.weir.gateway.exchange.RequestHead;
import java.util.Map;

/// How one request is turned away before a version is chosen: recorded, and answered in the shape
/// of its API family.
record Refusal(
    Recorder recorder, RequestHead head, ClientStream client, String requestId, boolean anthropic) {

  void because(Failure.Kind kind, String message) {
    because(new Failure(kind, message));
  }

  void because(Failure failure) {
    because(failure, Map.of());
  }

  void because(Failure failure, Map<String, String> headers) {
    recorder.refused(requestId, head.method(), head.path(), failure);
    LocalAnswers.fail(client, failure, anthropic, requestId, headers);
  }

  /// The client left before anything was chosen for it: recorded, and nobody is answered.
  void gone() {
    recorder.refused(requestId, head.method(), head.path(), Ledger.clientGone());
  }

  void denied(AuthResult.Denied denied) {
    boolean unknown = denied.status() == 401;
    Failure.Kind kind = unknown ? Failure.Kind.UNAUTHENTICATED : Failure.Kind.FORBIDDEN;
    Map<String, String> challenge = unknown ? Map.of("www-authenticate", "Bearer") : Map.of();
    because(new Failure(kind, denied.message(), denied.code()), challenge);
  }
}
