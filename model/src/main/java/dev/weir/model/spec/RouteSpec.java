// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.RefersTo;
import dev.weir.model.value.Text;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// @param model the public name that clients send; unique across namespaces
/// @param aliases additional public names; also unique across namespaces
/// @param rules rules that route matching requests elsewhere; the first match wins
/// @param backends Services for all requests that match no rule; weights are relative
/// @param fallbacks Services to try, in order, when the selected Service cannot serve the request
/// @param mirror a Service that receives copies of some requests; clients never receive its
///   responses
/// @param timeouts timeouts for requests under these names, where lower than the Service's own
public record RouteSpec(
    String model,
    @Default("[]") List<String> aliases,
    @Default("[]") List<Rule> rules,
    List<Backend> backends,
    @Default("[]") List<Fallback> fallbacks,
    Optional<Mirror> mirror,
    @Default("{}") Ceilings timeouts) {
  public RouteSpec {
    aliases = List.copyOf(aliases);
    rules = List.copyOf(rules);
    backends = List.copyOf(backends);
    fallbacks = List.copyOf(fallbacks);
  }

  /// A route without aliases, rules, fallbacks, mirror and timeouts.
  public RouteSpec(String model, List<Backend> backends) {
    this(model, List.of(), List.of(), backends, List.of(), Optional.empty(), Ceilings.NONE);
  }

  /// All names that clients may use.
  public List<String> names() {
    return Stream.concat(Stream.of(model), aliases.stream()).toList();
  }

  /// @param service a Service in the same namespace
  /// @param weight relative share, 0 (none) to 1000
  public record Backend(@RefersTo(Kind.SERVICE) String service, @Default("1") int weight) {}

  /// Matches a request that has all the headers and belongs to one of the tenants.
  ///
  /// @param headers lower-case names and exact values; empty matches any request
  /// @param tenants namespaces of keys; empty matches any tenant
  /// @param backends Services for matching requests; weights are relative
  public record Rule(
      @Default("{}") Map<String, String> headers,
      @Default("[]") List<String> tenants,
      List<Backend> backends) {
    public Rule {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
      backends = List.copyOf(backends);
    }
  }

  /// @param service a Service in the same namespace
  /// @param on the causes that trigger the fallback
  public record Fallback(
      @RefersTo(Kind.SERVICE) String service,
      @Default("[down, saturated, contextTooLong]") List<Cause> on) {
    public Fallback {
      on = List.copyOf(on);
    }
  }

  /// @param service a Service in the same namespace
  /// @param share share of the requests, up to 100%
  public record Mirror(@RefersTo(Kind.SERVICE) String service, Percentage share) {}

  /// Upper bounds for the Service's `traffic.timeouts`. They can lower a timeout, but never raise
  /// it. Without a bound, the Service's timeout applies.
  public record Ceilings(
      Optional<Duration> connect,
      Optional<Duration> firstToken,
      Optional<Duration> stall,
      Optional<Duration> total) {
    public static final Ceilings NONE =
        new Ceilings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// Why a Service cannot serve a request.
  public enum Cause implements Text {
    /// No replica exists or is reachable, or every attempt failed.
    DOWN("down"),
    /// The Service is at capacity, or a limit is reached.
    SATURATED("saturated"),
    /// The request exceeds the model's context length.
    CONTEXT_TOO_LONG("contextTooLong");

    private final String text;

    Cause(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
