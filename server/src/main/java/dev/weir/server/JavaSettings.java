// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.security.Security;

/// Sets Java properties before the JDK classes that read them are loaded.
final class JavaSettings {
  private JavaSettings() {}

  static void prepare() {
    // Java caches DNS results for 30 s, which is too long for fleets that change. An explicit
    // `sun.net.inetaddr.ttl` takes precedence.
    if (System.getProperty("sun.net.inetaddr.ttl") == null) {
      Security.setProperty("networkaddress.cache.ttl", "5");
    }
    // Probes of an address set the Host header.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
  }
}
