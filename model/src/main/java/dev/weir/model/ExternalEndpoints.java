// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// The two forms of an entry in a placement's `endpoints`: a base URL (`http`, `https`), which is
/// one replica, and a name to be looked up (`dns+http`, `dns+https`), whose every address is one.
///
/// The `dns+` forms are for what stands behind one name, such as a headless service: the port and
/// the path are the same at each address.
public final class ExternalEndpoints {
  private static final String LOOKED_UP = "dns+";

  private ExternalEndpoints() {}

  /// Whether it stands for all addresses of its host name.
  public static boolean lookedUp(URI endpoint) {
    return scheme(endpoint).startsWith(LOOKED_UP);
  }

  /// The scheme that is spoken to it, lower case.
  public static String spoken(URI endpoint) {
    String scheme = scheme(endpoint);
    return scheme.startsWith(LOOKED_UP) ? scheme.substring(LOOKED_UP.length()) : scheme;
  }

  /// The port that is called.
  public static int port(URI endpoint) {
    if (endpoint.getPort() >= 0) {
      return endpoint.getPort();
    }
    return spoken(endpoint).equals("https") ? 443 : 80;
  }

  /// The base URL of one address of a name that is looked up.
  ///
  /// @param address in figures, an IPv6 address without brackets
  public static URI at(URI endpoint, String address) {
    try {
      return new URI(
          spoken(endpoint),
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

  /// The same URL for everything that means the same: lower-case scheme and host, the port in
  /// figures, no slash at the end.
  public static URI canonical(URI endpoint) {
    String path = endpoint.getRawPath() == null ? "" : endpoint.getRawPath().replaceAll("/+$", "");
    String host = String.valueOf(endpoint.getHost()).toLowerCase(Locale.ROOT);
    return URI.create(scheme(endpoint) + "://" + host + ":" + port(endpoint) + path);
  }

  private static String scheme(URI endpoint) {
    return String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
  }
}
