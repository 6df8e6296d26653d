// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The sender of telemetry.
///
/// @param gateway stable across restarts
/// @param boot random id of this run: batch numbers restart with it
/// @param version of the program
public record GatewayIdentity(String gateway, String boot, String version) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  public GatewayIdentity {
    if (!NAME.matcher(gateway).matches()) {
      throw new IllegalArgumentException(
          "a gateway id is 1 to 63 of A-Z a-z 0-9 . _ - and starts with a letter or digit: '"
              + gateway
              + "'");
    }
  }

  /// A gateway with the given id and a new boot id.
  public static GatewayIdentity named(String gateway, String version, RandomGenerator random) {
    return new GatewayIdentity(gateway, hex(random, 8), version);
  }

  /// The gateway whose id is in `<folder>/gateway-id`; the first start creates the file.
  ///
  /// @throws IOException if the file can be neither read nor created
  public static GatewayIdentity inFolder(Path folder, String version, RandomGenerator random)
      throws IOException {
    Path file = folder.resolve("gateway-id");
    String gateway;
    try {
      gateway = Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      gateway = "gw-" + hex(random, 4);
      Files.createDirectories(folder);
      Files.writeString(file, gateway + "\n");
    }
    if (!NAME.matcher(gateway).matches()) {
      throw new IOException(file + " contains no valid gateway id; delete it to get a new one");
    }
    return named(gateway, version, random);
  }

  private static String hex(RandomGenerator random, int bytes) {
    byte[] randomBytes = new byte[bytes];
    random.nextBytes(randomBytes);
    return HexFormat.of().formatHex(randomBytes);
  }
}
