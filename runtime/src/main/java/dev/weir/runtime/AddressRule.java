// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.ExternalEndpoints;
import dev.weir.model.check.ForbiddenAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Where Weir may be sent by what users write: `http` and `https` only, never link-local or a
/// cloud's metadata service, never Weir itself.
///
/// @param ownPorts Weir's own ports on this machine, known once it listens
/// @param names what a host name leads to, asked each time: an answer of before proves nothing
public record AddressRule(Supplier<Set<Integer>> ownPorts, NameResolver names) {
  /// What comes of asking the rule.
  public sealed interface AddressDecision {
    /// @param address the same URL with the address that its host name led to
    record Allowed(URI address) implements AddressDecision {}

    /// @param why one line
    record Refused(String why) implements AddressDecision {}
  }

  /// Whether the URL may be called. Looks the name up, so that a name for a forbidden address is
  /// found as well.
  public AddressDecision judge(URI uri) {
    String scheme = ExternalEndpoints.spoken(uri);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return new AddressDecision.Refused(uri + " is neither http nor https");
    }
    if (uri.getHost() == null || uri.getUserInfo() != null) {
      return new AddressDecision.Refused(uri + " must name a host, and no user");
    }
    try {
      List<InetAddress> found = names.lookUp(uri.getHost());
      Optional<String> refused = refused(found, ExternalEndpoints.port(uri));
      return refused.isPresent()
          ? new AddressDecision.Refused(uri + " leads to " + refused.get())
          : new AddressDecision.Allowed(
              ExternalEndpoints.at(uri, found.getFirst().getHostAddress()));
    } catch (UnknownHostException e) {
      return new AddressDecision.Refused("the host of " + uri + " is not known");
    }
  }

  /// Whither the host leads that may not be called; empty when it may be. For who must not repeat
  /// the rest of a URL.
  public Optional<String> refused(String host, int port) throws UnknownHostException {
    return refused(names.lookUp(host), port);
  }

  private Optional<String> refused(List<InetAddress> found, int port) {
    return found.stream().flatMap(address -> refuses(address, port).stream()).findFirst();
  }

  private Optional<String> refuses(InetAddress address, int port) {
    Optional<String> forbidden = ForbiddenAddresses.reason(address);
    return forbidden.isEmpty() && address.isLoopbackAddress() && ownPorts.get().contains(port)
        ? Optional.of("Weir's own port " + port)
        : forbidden;
  }
}
