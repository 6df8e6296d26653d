// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import java.net.URI;

/// The address of a replica.
///
/// @param basePath prefix of every path, empty or starting with a slash
public record UpstreamEndpoint(String host, int port, boolean tls, String basePath) {

  /// Parses a base URL such as `http://127.0.0.1:9001`.
  ///
  /// @throws IllegalArgumentException if it is not an absolute `http` or `https` URL
  public static UpstreamEndpoint of(String url) {
    URI uri = URI.create(url);
    String scheme = uri.getScheme();
    String host = uri.getHost();
    boolean tls = "https".equals(scheme);
    if (host == null || !(tls || "http".equals(scheme))) {
      throw new IllegalArgumentException("not a base URL (http://host:port): " + url);
    }
    int port = uri.getPort() == -1 ? (tls ? 443 : 80) : uri.getPort();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return new UpstreamEndpoint(unbracketed(host), port, tls, path.equals("/") ? "" : path);
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /// Value of the `Host` header.
  public String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return name + ":" + port;
  }
}
