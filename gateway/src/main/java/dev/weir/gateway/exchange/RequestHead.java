// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/// The head of a request as the client sent it.
///
/// @param path raw, without query; never decoded, so that checks apply to what was sent
/// @param query including the question mark, or empty
/// @param arrivedNanos monotonic, when the connection was accepted (for a first request that was
///   already there) or the estimated arrival of the first byte; deadlines start then
public record RequestHead(
    String method, String path, String query, HttpHeaders headers, long arrivedNanos)
    implements HeaderView {
  @Override
  public Optional<String> first(String name) {
    return Optional.ofNullable(headers.get(name));
  }
}
