// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// Addresses that Weir never connects to, to prevent server-side request forgery. Cloud metadata
/// services give credentials to any process on the machine.
public final class ForbiddenAddresses {
  /// Metadata services outside the link-local range: Alibaba, Oracle, Azure, Google over IPv6.
  private static final Set<String> METADATA =
      Set.of("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd20:ce:0:0:0:0:0:254");

  private ForbiddenAddresses() {}

  /// Why the address is forbidden; empty if it is permitted. An IPv4 address embedded in an IPv6
  /// address counts as that IPv4 address.
  public static Optional<String> reason(InetAddress address) {
    if (address instanceof Inet6Address six) {
      Optional<InetAddress> embedded = embedded(six.getAddress());
      if (embedded.isPresent()) {
        return reason(embedded.get());
      }
    }
    byte[] bytes = address.getAddress();
    String text = withoutZone(address.getHostAddress());
    if (address.isLinkLocalAddress() || METADATA.contains(text) || amazonOverIpv6(bytes)) {
      return Optional.of("the link-local or metadata address " + text);
    }
    boolean reserved = bytes.length == 4 && (bytes[0] == 0 || (bytes[0] & 0xff) >= 240);
    return address.isAnyLocalAddress() || address.isMulticastAddress() || reserved
        ? Optional.of(text + ", which is not a server address")
        : Optional.empty();
  }

  /// Why the host of a URL is forbidden, if it is a numeric address; it resolves no names.
  public static Optional<String> literal(String host) {
    try {
      return reason(InetAddress.ofLiteral(unbracketed(host)));
    } catch (IllegalArgumentException aName) {
      return Optional.empty();
    }
  }

  /// Whether the host of a URL is a numeric address.
  public static boolean isLiteral(String host) {
    try {
      return InetAddress.ofLiteral(unbracketed(host)) != null;
    } catch (IllegalArgumentException aName) {
      return false;
    }
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /// `fd00:ec2::/32`, Amazon's link-local services.
  private static boolean amazonOverIpv6(byte[] bytes) {
    return bytes.length == 16
        && bytes[0] == (byte) 0xfd
        && bytes[1] == 0
        && bytes[2] == 0x0e
        && bytes[3] == (byte) 0xc2;
  }

  /// The IPv4 address embedded in a NAT64 (64:ff9b::/96), 6to4 (2002::/16) or IPv4-compatible
  /// (::/96) address. Java itself converts the mapped form (::ffff:0:0/96) to IPv4.
  private static Optional<InetAddress> embedded(byte[] six) {
    boolean translated = startsWith(six, 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);
    boolean compatible =
        startsWith(six, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) && (six[12] != 0 || six[13] != 0);
    if (translated || compatible) {
      return Optional.of(four(six, 12));
    }
    return startsWith(six, 0x20, 0x02) ? Optional.of(four(six, 2)) : Optional.empty();
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
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

  private static String withoutZone(String address) {
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }
}
