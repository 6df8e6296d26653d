// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Continuations;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.Family;
import dev.weir.gateway.exchange.Continuation;
import dev.weir.gateway.exchange.Terms;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;
import java.util.function.Predicate;

/// How a broken stream of one version can be continued, by what is known of its engine.
///
/// @param service id (`namespace/name`)
record ContinuationMethods(Continuations known, Family family, String service, Arm arm) {

  /// From token ids where all replicas know them, else from the text if that is as good to the
  /// client.
  Optional<Continuation> possible(Continuation from) {
    if (from.ids().isPresent()
        && all(family::traceable)
        && mayAsk(Continuations.Method.TOKEN_IDS)) {
      return Optional.of(from);
    }
    return from.fromText() && all(family::continuable) && mayAsk(ofText())
        ? Optional.of(from.withoutIds())
        : Optional.empty();
  }

  private boolean all(Predicate<String> engine) {
    return arm.replicas().stream().map(ReplicaEntry::engine).allMatch(engine);
  }

  /// Whether a replica is asked for token ids that the client is not shown.
  boolean asksForIds(Leg leg, ReplicaEntry replica) {
    return leg.asksForIds(family, replica) && mayAsk(Continuations.Method.TOKEN_IDS);
  }

  /// What a replica is sent to continue a stream.
  ///
  /// @param original what the client sent
  /// @param terms of the answer
  ByteBuf body(ByteBuf original, Continuation from, Terms terms, String servedModel) {
    ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    return from.ids()
        .map(ids ->
            AskWriter.continuationOf(
                allocator, original, ids, from, terms.maxTokens(), servedModel))
        .orElseGet(
            () -> AskWriter.continuation(allocator, original, family, from, terms, servedModel));
  }

  private boolean mayAsk(Continuations.Method method) {
    return known.mayAsk(service, arm.version(), method);
  }

  private Continuations.Method ofText() {
    return family == Family.CHAT
        ? Continuations.Method.CHAT_TEXT
        : Continuations.Method.COMPLETION_TEXT;
  }

  /// The engine does not support what it was asked for.
  ///
  /// @param continuation that was tried; empty where a new answer was asked for with its token ids
  void unsupported(Optional<Continuation> continuation) {
    boolean fromText = continuation.isPresent() && continuation.get().ids().isEmpty();
    known.refused(service, arm.version(), fromText ? ofText() : Continuations.Method.TOKEN_IDS);
  }
}
