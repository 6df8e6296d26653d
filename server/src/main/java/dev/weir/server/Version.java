// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

/// The version of this program.
final class Version {
  /// From the jar's manifest; `dev` when run from class folders.
  static final String CURRENT = read();

  private Version() {}

  private static String read() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
