// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.upstream.OutgoingHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/// Builds the requests to replicas, for clients' requests and for generated ones.
final class UpstreamRequests {
  private UpstreamRequests() {}

  /// @param path of the engine's API
  /// @param body owned by the returned request
  /// @param base of the replica's URL, before the path
  /// @param authority for `Host`
  static FullHttpRequest request(
      RequestPipeline.AuthenticatedRequest in,
      String path,
      ByteBuf body,
      String base,
      String authority) {
    HttpHeaders headers =
        OutgoingHeaders.of(
            in.head().headers(), authority, in.rejection().requestId(), body.readableBytes());
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.POST,
        base + path + in.head().query(),
        body,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  /// A request that the gateway generates.
  ///
  /// @param body owned by the returned request
  /// @param why it is generated, as a header value
  static FullHttpRequest own(
      String requestId, ApiPath api, ByteBuf body, String base, String authority, String why) {
    HttpHeaders own = new DefaultHttpHeaders();
    own.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    HttpHeaders headers = OutgoingHeaders.of(own, authority, requestId, body.readableBytes());
    headers.set("x-weir-generated", why);
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.POST,
        base + api.path(),
        body,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  /// Marks a request whose answer is discarded.
  static FullHttpRequest marked(FullHttpRequest copy) {
    copy.headers().set("x-weir-mirror", "1");
    return copy;
  }

  /// Adds the request to a trace, if there is one.
  static FullHttpRequest traced(FullHttpRequest request, String traceparent) {
    if (!traceparent.isEmpty()) {
      request.headers().set("traceparent", traceparent);
    }
    return request;
  }
}
