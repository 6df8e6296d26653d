// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A place replicas run.
///
/// @param capacity accelerators by type, those of all types that are not named as [#GPUS], and as
///   [#REPLICAS] how many replicas of versions that name no accelerator; what is not named is not
///   counted
/// @param allowedCommands for `process`: the programs (`argv[0]`, exact) that replicas may run; an
///   administrator's list. The simulated engine that Weir brings is always allowed
/// @param credential for `external`: the bearer token that the endpoints want, by reference:
///   `env:NAME` or `file:PATH`, looked up by the control plane and by each gateway where they run
/// @param tls for `external`: how `https` endpoints prove who they are
/// @param pricePerGpuHour of one accelerator in US dollars; left out, what clouds ask for its type,
///   where that is known
public record TargetSpec(
    ProviderType provider,
    Optional<String> region,
    Optional<String> cloud,
    Optional<String> environment,
    @Default("{}") Map<String, Integer> capacity,
    @Default("[]") List<String> allowedCommands,
    Optional<String> credential,
    @Default("{}") TlsSpec tls,
    Optional<Double> pricePerGpuHour) {
  /// Among `capacity`: accelerators of all types that are not named themselves.
  public static final String GPUS = "gpus";

  /// Among `capacity`: replicas of versions that name no accelerator.
  public static final String REPLICAS = "replicas";

  public TargetSpec {
    capacity = Map.copyOf(capacity);
    allowedCommands = List.copyOf(allowedCommands);
  }

  /// One that calls nobody else's endpoints, or such as ask for no key.
  public TargetSpec(
      ProviderType provider,
      Optional<String> region,
      Optional<String> cloud,
      Optional<String> environment,
      Map<String, Integer> capacity,
      List<String> allowedCommands) {
    this(
        provider,
        region,
        cloud,
        environment,
        capacity,
        allowedCommands,
        Optional.empty(),
        TlsSpec.NONE);
  }

  /// One without a price of its own.
  public TargetSpec(
      ProviderType provider,
      Optional<String> region,
      Optional<String> cloud,
      Optional<String> environment,
      Map<String, Integer> capacity,
      List<String> allowedCommands,
      Optional<String> credential,
      TlsSpec tls) {
    this(
        provider,
        region,
        cloud,
        environment,
        capacity,
        allowedCommands,
        credential,
        tls,
        Optional.empty());
  }

  /// Both are looked up where the caller runs: by the control plane and by each gateway.
  ///
  /// @param caFile absolute path of a PEM file with the authorities to trust instead of Java's own
  /// @param serverName the name that certificates must have, also sent as `Host`; the URL's host
  ///   when left out. Needed where a URL's host is an address that no certificate names
  public record TlsSpec(Optional<String> caFile, Optional<String> serverName) {
    public static final TlsSpec NONE = new TlsSpec(Optional.empty(), Optional.empty());
  }

  public enum ProviderType implements Text {
    PROCESS("process"),
    EXTERNAL("external");

    private final String text;

    ProviderType(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
