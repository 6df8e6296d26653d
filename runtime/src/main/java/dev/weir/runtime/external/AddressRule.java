// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.model.ExternalEndpoints;
import dev.weir.model.check.ForbiddenAddresses;
import dev.weir.runtime.NameResolver;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Where Weir may be sent by what users write: `http` and `https` only, never link-local or a
/// cloud's metadata service, never Weir itself.
///
/// @param ownPorts Weir's own ports on this machine, known once it listens
/// @param names what a host name leads to, asked each time: an answer of before proves nothing
public record AddressRule(Supplier<Set<Integer>> ownPorts, NameResolver names) {
  /// Why the address may not be called; empty when it may. Looks the name up, so that a name for a
  /// forbidden address is found as well.
  public Optional<String> refuses(URI uri) {
    String scheme = ExternalEndpoints.spoken(uri);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return Optional.of(uri + " is neither http nor https");
    }
    if (uri.getHost() == null || uri.getUserInfo() != null) {
      return Optional.of(uri + " must name a host, and no user");
    }
    try {
      for (InetAddress address : names.lookUp(uri.getHost())) {
        Optional<String> refused = refuses(address, ExternalEndpoints.port(uri));
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
    Optional<String> forbidden = ForbiddenAddresses.reason(address);
    return forbidden.isEmpty() && address.isLoopbackAddress() && ownPorts.get().contains(port)
        ? Optional.of("Weir's own port " + port)
        : forbidden;
  }
}
