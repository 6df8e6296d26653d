// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// CORS: lets web pages of other origins read answers by adding the required headers to the answers
/// of one connection. API keys are sent in a header and never in a cookie, so credentials are never
/// allowed.
final class CrossOrigin extends ChannelDuplexHandler {
  private static final String ANY = "*";
  private static final String METHODS = "GET, POST";
  private static final String MAX_AGE_SECONDS = "600";

  /// Headers that pages may read in addition to the safelisted ones.
  private static final String EXPOSED =
      "x-request-id, request-id, retry-after, x-weir-service, x-weir-version, x-weir-replica,"
          + " x-weir-attempts";

  /// A list of header names, which is echoed.
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9,_ -]{1,1024}");

  /// More requests only accumulate on a connection that no longer answers.
  private static final int MAX_UNANSWERED = 1_000;

  private static final CorsRequest NOT_ALLOWED = new CorsRequest("", false, "");

  /// The CORS properties of a request.
  ///
  /// @param origin empty if there is none or it is not allowed
  /// @param preflight whether it is a preflight request
  /// @param headers that the actual request would have
  private record CorsRequest(String origin, boolean preflight, String headers) {}

  private final Set<String> allowed;

  /// Requests without an answer, in order of arrival, which is also the order of answers.
  private final Queue<CorsRequest> unanswered = new ArrayDeque<>(2);

  /// @param allowed origins such as `https://app.example`, or `*` for every origin
  CrossOrigin(Set<String> allowed) {
    this.allowed = allowed;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof HttpRequest request && unanswered.size() < MAX_UNANSWERED) {
      unanswered.add(corsRequest(request));
    }
    super.channelRead(ctx, message);
  }

  private CorsRequest corsRequest(HttpRequest request) {
    HttpHeaders headers = request.headers();
    String origin = headers.get(HttpHeaderNames.ORIGIN, "");
    boolean any = allowed.contains(ANY) && !origin.isEmpty();
    if (!any && !allowed.contains(origin)) {
      return NOT_ALLOWED;
    }
    boolean preflight =
        request.method().equals(HttpMethod.OPTIONS)
            && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    String names = headers.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS, "");
    return new CorsRequest(
        any ? ANY : origin, preflight, NAMES.matcher(names).matches() ? names : "");
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof HttpResponse response
        && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
      answer(unanswered.poll(), response);
    }
    super.write(ctx, message, promise);
  }

  private static void answer(@Nullable CorsRequest corsRequest, HttpResponse response) {
    HttpHeaders headers = response.headers();
    headers.remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS);
    headers.remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN);
    headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    if (corsRequest == null || corsRequest.origin().isEmpty()) {
      return;
    }
    headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, corsRequest.origin());
    headers.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if (corsRequest.preflight() && response.status().equals(HttpResponseStatus.NO_CONTENT)) {
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
      headers.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
      if (!corsRequest.headers().isEmpty()) {
        headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, corsRequest.headers());
      }
    }
  }
}
