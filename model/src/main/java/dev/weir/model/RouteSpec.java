// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// @param model the public name that clients send; unique across namespaces
/// @param aliases other names for the same; as unique
/// @param rules who goes elsewhere; the first that fits a request wins
/// @param backends where everybody else goes; weights are relative
/// @param fallbacks who answers, in this order, where the chosen Service cannot
/// @param mirror who gets copies of some requests, and answers nobody
/// @param timeouts of requests under these names, where lower than the Service's own
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

  /// One name for everybody, without fallbacks, mirror and timeouts.
  public RouteSpec(String model, List<Backend> backends) {
    this(model, List.of(), List.of(), backends, List.of(), Optional.empty(), Ceilings.NONE);
  }

  /// All names that clients may send.
  public List<String> names() {
    return Stream.concat(Stream.of(model), aliases.stream()).toList();
  }

  /// Every Service that it leads to.
  public Set<String> services() {
    return Stream.of(
            backends.stream().map(Backend::service),
            rules.stream().flatMap(rule -> rule.backends().stream()).map(Backend::service),
            fallbacks.stream().map(Fallback::service),
            mirror.stream().map(Mirror::service))
        .flatMap(names -> names)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// @param service a Service in the same namespace
  /// @param weight relative share, 0 (none) to 1000
  public record Backend(String service, @Default("1") int weight) {}

  /// Fits a request that has all the headers and is of one of the tenants.
  ///
  /// @param headers lower-case names and the very values; none for any request
  /// @param tenants namespaces of keys; none for any
  /// @param backends where such requests go; weights are relative
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
  /// @param on the causes for which it is asked
  public record Fallback(
      String service, @Default("[down, saturated, contextTooLong]") List<Cause> on) {
    public Fallback {
      on = List.copyOf(on);
    }
  }

  /// @param service a Service in the same namespace
  /// @param share of the requests, up to 100%
  public record Mirror(String service, Percentage share) {}

  /// Each lowers what the Service says (`traffic.timeouts`), and never raises it. What is left out
  /// is the Service's.
  public record Ceilings(
      Optional<Duration> connect,
      Optional<Duration> firstToken,
      Optional<Duration> stall,
      Optional<Duration> total) {
    public static final Ceilings NONE =
        new Ceilings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// Why a Service did not answer.
  public enum Cause implements Text {
    /// No replica, none that can be reached, or all that were asked failed.
    DOWN("down"),
    /// It is full, or its limits are reached.
    SATURATED("saturated"),
    /// The request has more tokens than the model takes.
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
