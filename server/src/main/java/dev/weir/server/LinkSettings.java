// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.client.TlsTrust;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.ConfigurationException;
import dev.weir.server.configuration.Setting;
import dev.weir.server.configuration.UsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// How a gateway in a separate process connects to its control plane.
///
/// @param key read at each use, so that it can be rotated without a restart
/// @param ca the CA of the control plane's certificate; empty uses Java's trust store
public record LinkSettings(URI controlUrl, Supplier<String> key, Optional<Path> ca) {

  /// @throws ConfigurationException listing all settings that are missing or unreadable
  public static LinkSettings of(Configuration configuration, Map<String, String> environment) {
    List<String> problems = new ArrayList<>();
    String url = configuration.text(Setting.CONTROL_URL);
    if (url.isEmpty()) {
      problems.add("controlUrl is missing: set --control https://HOST:PORT");
    }
    String reference = configuration.text(Setting.GATEWAY_KEY);
    keyProblem(reference, environment).ifPresent(problems::add);
    Optional<Path> ca = configuration.file(Setting.CA);
    ca.flatMap(LinkSettings::caProblem).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new LinkSettings(URI.create(url), () -> key(reference, environment), ca);
  }

  private static Optional<String> keyProblem(String reference, Map<String, String> environment) {
    if (reference.isEmpty()) {
      return Optional.of(
          "gatewayKey is missing: set --key file:PATH or env:NAME (the control plane"
              + " writes one to DATA/gateway.key)");
    }
    try {
      boolean empty = key(reference, environment).isEmpty();
      return empty
          ? Optional.of("gatewayKey " + reference + " is empty or not set")
          : Optional.empty();
    } catch (UsageException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static Optional<String> caProblem(Path file) {
    try {
      var _ = TlsTrust.only(file);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static String key(String reference, Map<String, String> environment) {
    if (reference.startsWith("env:")) {
      return environment.getOrDefault(reference.substring("env:".length()), "").strip();
    }
    Path file = Path.of(reference.substring("file:".length()));
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UsageException(
          "gatewayKey: cannot read the key from " + file + ": " + UsageException.why(e));
    }
  }
}
