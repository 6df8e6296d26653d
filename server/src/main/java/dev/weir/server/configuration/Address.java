// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// A host and port to listen on.
///
/// @param port 0 = any free port
public record Address(String host, int port) {
  /// Reads `HOST:PORT`, `[IPV6]:PORT` or `:PORT` (all addresses).
  static Address parse(String what, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new UsageException(what + " must be HOST:PORT, not '" + text + "'");
    }
    String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port < 0 || port > 65535) {
        throw new UsageException(what + " must have a port from 0 to 65535, not " + port);
      }
      return new Address(host.isEmpty() ? "0.0.0.0" : host, port);
    } catch (NumberFormatException e) {
      throw new UsageException(what + " must be HOST:PORT with a numeric port, not '" + text + "'");
    }
  }

  boolean loopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new UsageException("unknown host: " + host);
    }
  }

  /// Whether this is the wildcard address.
  public boolean isWildcard() {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  public Address withPort(int bound) {
    return new Address(host, bound);
  }

  /// The URL of the listener.
  public String url(boolean tls) {
    return (tls ? "https://" : "http://") + this;
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
