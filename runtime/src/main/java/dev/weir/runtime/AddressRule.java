// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.check.ForbiddenAddresses;
import dev.weir.model.spec.ExternalEndpoints;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The addresses that user-supplied URLs may reach: `http` and `https` only, no link-local
/// addresses, no cloud metadata services, and not Weir itself.
///
/// @param ownPorts Weir's ports on this machine, once it listens
/// @param names resolves host names; called for each check, because the addresses of a name can
///   change
public record AddressRule(Supplier<Set<Integer>> ownPorts, NameResolver names) {
  /// The result of a check.
  public sealed interface AddressDecision {
    /// @param address the URL with its host name replaced by the resolved address
    record Allowed(URI address) implements AddressDecision {}

    /// @param why one line
    record Refused(String why) implements AddressDecision {}
  }

  /// Whether the URL may be called. Resolves the name, to detect names of forbidden addresses.
  public AddressDecision check(URI uri) {
    String scheme = ExternalEndpoints.urlScheme(uri);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return new AddressDecision.Refused(uri + " is neither http nor https");
    }
    if (uri.getHost() == null || uri.getUserInfo() != null) {
      return new AddressDecision.Refused(uri + " must have a host and no user");
    }
    try {
      List<InetAddress> found = names.lookUp(uri.getHost());
      Optional<String> refused = refused(found, ExternalEndpoints.port(uri));
      return refused.isPresent()
          ? new AddressDecision.Refused(uri + " resolves to " + refused.get())
          : new AddressDecision.Allowed(
              ExternalEndpoints.resolvedTo(uri, found.getFirst().getHostAddress()));
    } catch (UnknownHostException e) {
      return new AddressDecision.Refused("cannot resolve the host of " + uri);
    }
  }

  /// The forbidden address to which the host resolves; empty if the host may be called. For callers
  /// that must not log the rest of the URL.
  public Optional<String> refused(String host, int port) throws UnknownHostException {
    return refused(names.lookUp(host), port);
  }

  private Optional<String> refused(List<InetAddress> found, int port) {
    return found.stream().flatMap(address -> forbidden(address, port).stream()).findFirst();
  }

  private Optional<String> forbidden(InetAddress address, int port) {
    Optional<String> forbidden = ForbiddenAddresses.reason(address);
    return forbidden.isEmpty() && address.isLoopbackAddress() && ownPorts.get().contains(port)
        ? Optional.of("Weir's own port " + port)
        : forbidden;
  }
}
