// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.dialect.AskReader;
import dev.weir.gateway.exchange.Ask;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
}
