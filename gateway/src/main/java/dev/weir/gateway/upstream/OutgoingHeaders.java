// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Builds the headers for a replica: end-to-end headers pass (tracing, `anthropic-*`). The client's
/// key, Weir's own headers and hop-by-hop headers do not (RFC 9110, section 7.6.1).
public final class OutgoingHeaders {
  private static final Set<String> DROPPED =
      Set.of(
          "authorization",
          "x-api-key",
          "x-request-id",
          "host",
          "expect",
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authorization",
          "te",
          "trailer",
          "upgrade",
          // compressed events could not be parsed
          "accept-encoding");

  private OutgoingHeaders() {}

  public static HttpHeaders of(
      HttpHeaders client, String authority, String requestId, int bodyBytes) {
    HttpHeaders out = new DefaultHttpHeaders();
    List<String> hop = connectionListed(client);
    Iterator<Map.Entry<CharSequence, CharSequence>> all = client.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      String name = header.getKey().toString().toLowerCase(Locale.ROOT);
      if (!DROPPED.contains(name) && !name.startsWith("x-weir-") && !hop.contains(name)) {
        out.add(name, header.getValue());
      }
    }
    out.set(HttpHeaderNames.HOST, authority);
    out.set("x-request-id", requestId);
    out.set(HttpHeaderNames.CONTENT_LENGTH, bodyBytes);
    return out;
  }

  /// Header names that a `Connection` header declares as hop-by-hop.
  private static List<String> connectionListed(HttpHeaders headers) {
    return headers.getAll(HttpHeaderNames.CONNECTION).stream()
        .flatMap(value -> List.of(value.split(",", -1)).stream())
        .map(name -> name.trim().toLowerCase(Locale.ROOT))
        .toList();
  }
}
