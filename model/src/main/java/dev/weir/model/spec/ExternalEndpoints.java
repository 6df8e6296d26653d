// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// The two forms of an entry in a placement's `endpoints`: a base URL (`http`, `https`), which is
/// one replica, and a DNS name (`dns+http`, `dns+https`), each address of which is one replica.
///
/// The `dns+` forms are for servers behind one name, such as a headless service: port and path are
/// the same at each address.
public final class ExternalEndpoints {
  private static final String LOOKED_UP = "dns+";

  private ExternalEndpoints() {}

  /// Whether the endpoint represents all addresses of its host name.
  public static boolean isDnsName(URI endpoint) {
    return scheme(endpoint).startsWith(LOOKED_UP);
  }

  /// The scheme of the connection, in lower case.
  public static String urlScheme(URI endpoint) {
    String scheme = scheme(endpoint);
    return scheme.startsWith(LOOKED_UP) ? scheme.substring(LOOKED_UP.length()) : scheme;
  }

  /// The port to connect to.
  public static int port(URI endpoint) {
    if (endpoint.getPort() >= 0) {
      return endpoint.getPort();
    }
    return urlScheme(endpoint).equals("https") ? 443 : 80;
  }

  /// The base URL of one address of a DNS name.
  ///
  /// @param address a numeric address; an IPv6 address without brackets
  public static URI resolvedTo(URI endpoint, String address) {
    try {
      return new URI(
          urlScheme(endpoint),
          null,
          address.indexOf(':') >= 0 ? "[" + address + "]" : address,
          port(endpoint),
          endpoint.getPath(),
          null,
          null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not an address: " + address, e);
    }
  }

  /// A normal form, identical for equivalent endpoints: lower-case scheme and host, explicit port,
  /// no trailing slash.
  public static URI canonical(URI endpoint) {
    String path = endpoint.getRawPath() == null ? "" : endpoint.getRawPath().replaceAll("/+$", "");
    String host = String.valueOf(endpoint.getHost()).toLowerCase(Locale.ROOT);
    return URI.create(scheme(endpoint) + "://" + host + ":" + port(endpoint) + path);
  }

  private static String scheme(URI endpoint) {
    return String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
  }
}
