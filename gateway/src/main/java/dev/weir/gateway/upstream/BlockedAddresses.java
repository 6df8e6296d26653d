// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Supplier;

/// Addresses that the gateway never connects to: link-local and metadata addresses, non-unicast
/// addresses, and Weir itself. The control plane rejects them too; this check applies at connection
/// time, so a host name cannot bypass it by resolving differently later. A trial compares both.
///
/// @param ownPorts Weir's own ports on this machine
public record BlockedAddresses(Supplier<Set<Integer>> ownPorts) {
  private static final Set<String> METADATA =
      Set.of("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd20:ce:0:0:0:0:0:254");

  boolean isBlocked(InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    return isBlocked(address)
        || (address.isLoopbackAddress() && ownPorts.get().contains(socket.getPort()));
  }

  /// Whether connections to this address are forbidden on every port.
  public static boolean isBlocked(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet6Address) {
      if (startsWith(bytes, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) {
        return isBlocked(four(bytes, 12));
      }
      if (startsWith(bytes, 0x20, 0x02)) {
        return isBlocked(four(bytes, 2));
      }
      if (startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
          && (bytes[12] != 0 || bytes[13] != 0)) {
        return isBlocked(four(bytes, 12));
      }
    }
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    boolean reserved = bytes.length == 4 && (bytes[0] == 0 || (bytes[0] & 0xff) >= 240);
    return reserved
        || address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || startsWith(bytes, 0xfd, 0, 0x0e, 0xc2)
        || METADATA.contains(zone < 0 ? text : text.substring(0, zone));
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    if (bytes.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress four(byte[] six, int from) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(six, from, from + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
