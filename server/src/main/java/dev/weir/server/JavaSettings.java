// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.security.Security;

/// Settings of Java itself, made before the classes that read them are used.
final class JavaSettings {
  private JavaSettings() {}

  static void prepare() {
    // Java keeps what a name led to for 30 s, which is long for fleets that come and go. Whoever
    // sets `sun.net.inetaddr.ttl` knows better.
    if (System.getProperty("sun.net.inetaddr.ttl") == null) {
      Security.setProperty("networkaddress.cache.ttl", "5");
    }
    // Probes name the server they mean where they call an address.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
  }
}
