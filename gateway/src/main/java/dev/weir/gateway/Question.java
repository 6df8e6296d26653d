// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.dialect.AskReader;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.Current;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.RequestIds;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;

/// A request that can be put to a replica without a client.
///
/// @param ask what its body says
/// @param body on the heap, as a client would have sent it
record Question(Api api, Ask ask, ByteBuf body) {
  /// @param path of the API
  ///
  /// @return empty when there is no such API, or the body is none for it
  static Optional<Question> of(String path, byte[] json) {
    return Api.find(path)
        .flatMap(api ->
            AskReader.readJson(api.family(), json) instanceof AskReader.Result.Read(Ask ask)
                ? Optional.of(new Question(api, ask, Unpooled.wrappedBuffer(json)))
                : Optional.empty());
  }

  /// How it arrives: as nobody's.
  ///
  /// @param graded whether its answer is in the sample that a judge is to grade
  Arrival arrival(RequestPipeline.Parts parts, Decision decision, Current current, boolean graded) {
    return new Arrival(
        RequestIds.of(_ -> Optional.empty(), parts.random()),
        api.path(),
        ask.model(),
        api.form(ask.stream()),
        new KeyEntry("", "weir", decision.service().namespace(), Long.MAX_VALUE, List.of(), false),
        decision,
        current,
        parts.nanoTime().getAsLong(),
        0,
        "",
        graded);
  }
}
