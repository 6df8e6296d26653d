// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Where Weir may be sent by what users write: `http` and `https` only, never link-local or a
/// cloud's metadata service, never Weir itself.
///
/// @param ownPorts Weir's own ports on this machine
public record AddressRule(Set<Integer> ownPorts) {
  /// The metadata addresses outside the link-local range: AWS over IPv6, Alibaba, Oracle.
  private static final Set<String> METADATA =
      Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "192.0.0.192");

  public AddressRule {
    ownPorts = Set.copyOf(ownPorts);
  }

  /// Why the address may not be called; empty when it may. Looks the name up, so that a name for a
  /// forbidden address is found as well.
  public Optional<String> refuses(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return Optional.of(uri + " is neither http nor https");
    }
    if (uri.getHost() == null || uri.getUserInfo() != null) {
      return Optional.of(uri + " must name a host, and no user");
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    try {
      for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
        Optional<String> refused = refuses(address, port);
        if (refused.isPresent()) {
          return refused.map(why -> uri + " leads to " + why);
        }
      }
      return Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.of("the host of " + uri + " is not known");
    }
  }

  private Optional<String> refuses(InetAddress address, int port) {
    String text = address.getHostAddress();
    if (address.isLinkLocalAddress() || METADATA.contains(withoutZone(text))) {
      return Optional.of("the link-local or metadata address " + text);
    }
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      return Optional.of(text + ", which is no address of a server");
    }
    return address.isLoopbackAddress() && ownPorts.contains(port)
        ? Optional.of("Weir's own port " + port)
        : Optional.empty();
  }

  private static String withoutZone(String address) {
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }
}
