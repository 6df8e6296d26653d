// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/// The forms of a host and a path that every program parses the same. Other forms can bypass a
/// check: some resolvers treat `0xa9fea9fe` and `2852039166` as addresses and others as names, and
/// a client, a proxy, a server or none of them may resolve `..`.
final class PlainUrl {
  private static final Pattern NUMBER = Pattern.compile("\\d+|0[xX][0-9a-fA-F]*");
  private static final Pattern FOUR_NUMBERS =
      Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
  private static final Pattern DOT_SEGMENT = Pattern.compile("/\\.{1,2}(/|$)");

  private PlainUrl() {}

  /// Whether host and path are plain.
  static boolean isPlain(URI uri) {
    return (uri.getHost() == null || isPlainHost(uri.getHost()))
        && (uri.getRawPath() == null || isPath(uri.getRawPath()));
  }

  /// Whether it is a name, four decimal numbers, or an IPv6 address without a zone.
  static boolean isPlainHost(String host) {
    if (host.startsWith("[")) {
      return ForbiddenAddresses.isLiteral(host) && host.indexOf('%') < 0;
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    String last = name.substring(name.lastIndexOf('.') + 1);
    return !NUMBER.matcher(last).matches() || FOUR_NUMBERS.matcher(host).matches();
  }

  private static boolean isPath(String raw) {
    String path = raw.toLowerCase(Locale.ROOT).replace("%2e", ".");
    return !DOT_SEGMENT.matcher(path).find() && !path.contains("%2f") && !path.contains("%5c");
  }
}
