// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Builds the headers for the client: the replica's end-to-end headers and Weir's own.
public final class AnswerHeaders {
  private static final Set<String> DROPPED =
      Set.of(
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "trailer",
          "upgrade",
          "x-request-id");

  private AnswerHeaders() {}

  /// @param from the replica's headers; empty for an answer of the gateway itself
  /// @param own `x-request-id` and the `x-weir-*` headers
  public static HttpHeaders of(int status, HttpHeaders from, Map<String, String> own) {
    HttpHeaders out = new DefaultHttpHeaders();
    List<String> hop =
        from.getAll("connection").stream()
            .flatMap(value -> List.of(value.split(",", -1)).stream())
            .map(name -> name.trim().toLowerCase(Locale.ROOT))
            .toList();
    Iterator<Map.Entry<CharSequence, CharSequence>> all = from.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      String name = header.getKey().toString().toLowerCase(Locale.ROOT);
      if (!DROPPED.contains(name) && !isOurs(name) && !hop.contains(name)) {
        out.add(name, header.getValue());
      }
    }
    own.forEach(out::set);
    return out;
  }

  /// The gateway controls CORS, not the engine.
  private static boolean isOurs(String name) {
    return name.startsWith("x-weir-") || name.startsWith("access-control-");
  }
}
