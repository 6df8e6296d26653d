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

/// Lets pages of other origins read answers (CORS): adds the headers that browsers ask for to the
/// answers of one connection. A key comes in a header that a page must know, never in a cookie, so
/// credentials are never allowed.
final class CrossOrigin extends ChannelDuplexHandler {
  private static final String ANY = "*";
  private static final String METHODS = "GET, POST";
  private static final String MAX_AGE_SECONDS = "600";

  /// What pages may read beside the headers that they always may.
  private static final String EXPOSED =
      "x-request-id, request-id, retry-after, x-weir-service, x-weir-version, x-weir-replica,"
          + " x-weir-attempts";

  /// A list of header names, which is said back.
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9,_ -]{1,1024}");

  /// More requests than these come only over a connection that answers none of them any more.
  private static final int MAX_UNANSWERED = 1_000;

  private static final Asked NOTHING = new Asked("", false, "");

  /// What a request says of its page.
  ///
  /// @param origin empty for none that is allowed
  /// @param preflight it only asks whether another request may be made
  /// @param headers that the other request would have
  private record Asked(String origin, boolean preflight, String headers) {}

  private final Set<String> allowed;

  /// Of the requests that have no answer yet, in their order, which is also that of the answers.
  private final Queue<Asked> unanswered = new ArrayDeque<>(2);

  /// @param allowed origins such as `https://app.example`, or `*` for every origin
  CrossOrigin(Set<String> allowed) {
    this.allowed = allowed;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof HttpRequest request && unanswered.size() < MAX_UNANSWERED) {
      unanswered.add(asked(request));
    }
    super.channelRead(ctx, message);
  }

  private Asked asked(HttpRequest request) {
    HttpHeaders headers = request.headers();
    String origin = headers.get(HttpHeaderNames.ORIGIN, "");
    boolean any = allowed.contains(ANY) && !origin.isEmpty();
    if (!any && !allowed.contains(origin)) {
      return NOTHING;
    }
    boolean preflight =
        request.method().equals(HttpMethod.OPTIONS)
            && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    String names = headers.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS, "");
    return new Asked(any ? ANY : origin, preflight, NAMES.matcher(names).matches() ? names : "");
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

  private static void answer(@Nullable Asked asked, HttpResponse response) {
    HttpHeaders headers = response.headers();
    headers.remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS);
    headers.remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN);
    headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    if (asked == null || asked.origin().isEmpty()) {
      return;
    }
    headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, asked.origin());
    headers.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if (asked.preflight() && response.status().equals(HttpResponseStatus.NO_CONTENT)) {
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
      headers.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
      if (!asked.headers().isEmpty()) {
        headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, asked.headers());
      }
    }
  }
}
