// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.ContinuationSupport;
import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.dialect.RequestBodyWriter;
import dev.weir.gateway.exchange.answer.Continuation;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;

/// How a broken stream of one version can be continued, given what is known of its engine.
///
/// @param service id (`namespace/name`)
record ContinuationMethods(ContinuationSupport known, ApiFamily family, String service, Arm arm) {

  /// Uses token ids if the engine reports them. Otherwise uses the text if the client gets an
  /// equally good answer.
  Optional<Continuation> possible(Continuation from) {
    if (from.ids().isPresent()
        && family.traceable(arm.capabilities())
        && mayAsk(ContinuationSupport.Method.TOKEN_IDS)) {
      return Optional.of(from);
    }
    return from.fromText() && family.continuable(arm.capabilities()) && mayAsk(ofText())
        ? Optional.of(from.withoutIds())
        : Optional.empty();
  }

  /// Whether to request token ids that are not sent to the client.
  boolean asksForIds(ServiceAttempt serviceAttempt) {
    return serviceAttempt.asksForIds(family, arm.capabilities())
        && mayAsk(ContinuationSupport.Method.TOKEN_IDS);
  }

  /// The request body that continues a stream on a replica.
  ///
  /// @param original what the client sent
  /// @param resumeConstraints of the answer
  ByteBuf body(
      ByteBuf original,
      Continuation from,
      ResumeConstraints resumeConstraints,
      String servedModel) {
    ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    return from.ids()
        .map(ids ->
            RequestBodyWriter.continuationOf(
                allocator, original, ids, from, resumeConstraints.maxTokens(), servedModel))
        .orElseGet(() ->
            RequestBodyWriter.continuation(
                allocator, original, family, from, resumeConstraints, servedModel));
  }

  private boolean mayAsk(ContinuationSupport.Method method) {
    return known.mayAsk(service, arm.version(), method);
  }

  private ContinuationSupport.Method ofText() {
    return family == ApiFamily.CHAT
        ? ContinuationSupport.Method.CHAT_TEXT
        : ContinuationSupport.Method.COMPLETION_TEXT;
  }

  /// Records that the engine does not support the requested method.
  ///
  /// @param continuation that was attempted; empty if token ids were requested for a new answer
  void unsupported(Optional<Continuation> continuation) {
    boolean fromText = continuation.isPresent() && continuation.get().ids().isEmpty();
    known.refused(
        service, arm.version(), fromText ? ofText() : ContinuationSupport.Method.TOKEN_IDS);
  }
}
