// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import dev.weir.simulator.flags.Flags;
import dev.weir.simulator.trace.TracePlan;
import dev.weir.simulator.trace.TraceSpec;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Options of the trace player.
///
/// @param baseUrl target, `http://host:port` or `https://host:port`
/// @param model requested model name
/// @param apiKey sent as a bearer token
/// @param plan the requests and their times
/// @param version expected version if a response has no `x-weir-version`
/// @param faulty versions whose bad answers are counted separately
/// @param requestPrefix prefix of each `x-request-id`
/// @param maxInFlight maximum requests in flight; more are dropped and count as failed
/// @param requestTimeout from the planned time to the end
/// @param drainTimeout how long a stop waits for requests in flight
/// @param check how strictly answers are checked
/// @param ca PEM file of the CA to trust with https; empty means Java's trust store
public record PlayerOptions(
    URI baseUrl,
    String model,
    Optional<String> apiKey,
    TracePlan plan,
    Optional<String> version,
    Set<String> faulty,
    String requestPrefix,
    int maxInFlight,
    Duration requestTimeout,
    Duration drainTimeout,
    AnswerCheck check,
    Optional<Path> ca) {
  /// Help text, one flag per line.
  public static final String HELP =
      """
      --url URL              target, http://host:port or https://host:port (required)
      --ca FILE              CA certificates to trust with https, PEM (default: Java's trust store)
      --model NAME           model to request (default sim)
      --api-key KEY          bearer token
      --rate R               requests per second of the fitted Azure 2023 conversation trace (default 10)
      --trace FILE           play a recorded trace instead: Azure CSV or Mooncake JSON lines
      --speed F              speed-up of the recorded trace (default 1)
      --seed N               seed of the requests (default 0)
      --streamed SHARE       share of streamed answers (default 0.7)
      --chat SHARE           share of chats, the rest are completions (default 0.8)
      --answer-scale F       factor on answer lengths (default 1)
      --prompt-max N         maximum prompt length in tokens (default 1024)
      --version V            expected version if a response has no x-weir-version
      --faulty V             version whose bad answers are counted separately; may be repeated
      --request-prefix P     prefix of each x-request-id (default play)
      --max-in-flight N      maximum requests in flight; more are dropped and count as failed (default 2048)
      --request-timeout S    timeout of one request in seconds (default 120)
      --drain-timeout S      seconds to wait for requests in flight at the end (default 30)
      """;

  public PlayerOptions {
    faulty = faulty.stream().map(PlayerOptions::bare).collect(Collectors.toUnmodifiableSet());
    boolean known = "http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme());
    if (!known || baseUrl.getHost() == null) {
      throw new IllegalArgumentException(
          "--url is " + baseUrl + ", must be http://host:port or https://host:port");
    }
    if (maxInFlight < 1) {
      throw new IllegalArgumentException(
          "--max-in-flight is " + maxInFlight + ", must be 1 or more");
    }
  }

  /// Reads flags, except those of [PlayerCommand].
  ///
  /// @throws IllegalArgumentException naming the flag and the problem
  public static PlayerOptions parse(String... args) {
    Flags flags = Flags.parse(args);
    PlayerOptions options = read(flags);
    flags.finish();
    return options;
  }

  static PlayerOptions read(Flags flags) {
    String url =
        flags.text("url").orElseThrow(() -> new IllegalArgumentException("--url is required"));
    return new PlayerOptions(
        URI.create(url),
        flags.text("model").orElse("sim"),
        flags.text("api-key"),
        new TracePlan(trace(flags), flags.whole("seed", 0L), shape(flags)),
        flags.text("version"),
        Set.copyOf(flags.all("faulty")),
        flags.text("request-prefix").orElse("play"),
        flags.whole("max-in-flight", 2048),
        seconds(flags.number("request-timeout", 120)),
        seconds(flags.number("drain-timeout", 30)),
        AnswerCheck.SIMULATED,
        flags.text("ca").map(Path::of));
  }

  static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private static TraceSpec trace(Flags flags) {
    double rate = flags.number("rate", 10);
    double speed = flags.number("speed", 1);
    Optional<String> file = flags.text("trace");
    return file.isPresent()
        ? new TraceSpec.Recorded(Path.of(file.get()), speed)
        : new TraceSpec.Fitted(rate);
  }

  private static TracePlan.Shape shape(Flags flags) {
    return new TracePlan.Shape(
        flags.number("streamed", 0.7),
        flags.number("chat", 0.8),
        flags.number("answer-scale", 1),
        flags.whole("prompt-max", 1024));
  }

  boolean tls() {
    return "https".equals(baseUrl.getScheme());
  }

  int port() {
    if (baseUrl.getPort() >= 0) {
      return baseUrl.getPort();
    }
    return tls() ? 443 : 80;
  }

  /// The version of a response. A simulated engine knows only the part after the `@` of
  /// `model@version`.
  String versionNamed(String header) {
    if (header.isEmpty()) {
      return version.orElse("");
    }
    return switch (check) {
      case SIMULATED -> bare(header);
      case WELL_FORMED -> header;
    };
  }

  /// The version of `model@version`.
  static String bare(String version) {
    return version.substring(version.lastIndexOf('@') + 1);
  }
}
