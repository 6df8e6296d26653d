// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.dialect.RequestBodyReader;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.RequestIds;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;

/// A request that can be sent to a replica without a client.
///
/// @param parsedRequest its parsed body
/// @param body on the heap, as a client would have sent it
record SyntheticRequest(ApiPath api, ParsedRequest parsedRequest, ByteBuf body) {
  /// @param path of the API
  ///
  /// @return empty if there is no such API, or the body is invalid for it
  static Optional<SyntheticRequest> of(String path, byte[] json) {
    return ApiPath.find(path)
        .flatMap(api ->
            RequestBodyReader.readJson(api.family(), json)
                    instanceof RequestBodyReader.Result.Read(ParsedRequest parsedRequest)
                ? Optional.of(
                    new SyntheticRequest(api, parsedRequest, Unpooled.wrappedBuffer(json)))
                : Optional.empty());
  }

  /// The admitted request, which belongs to no client.
  ///
  /// @param graded whether a judge grades its answer
  AdmittedRequest arrival(
      RequestPipeline.Components components,
      VersionDecision decision,
      IndexedSnapshot current,
      boolean graded) {
    return new AdmittedRequest(
        RequestIds.of(_ -> Optional.empty(), components.random()),
        api.path(),
        parsedRequest.model(),
        api.form(parsedRequest.stream()),
        new KeyEntry("", "weir", decision.service().namespace(), Long.MAX_VALUE, List.of(), false),
        decision,
        current,
        components.nanoTime().getAsLong(),
        0,
        "",
        graded);
  }
}
