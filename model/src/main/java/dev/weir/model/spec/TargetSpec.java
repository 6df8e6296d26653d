// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.model.spec.TargetSettings.ProcessTarget;
import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A place where replicas run.
///
/// @param capacity accelerators by type, [#GPUS] for those of all other types, [#REPLICAS] for
///   replicas of versions that name no accelerator; resources not named are not counted
/// @param allowedCommands for `process`: the programs (`argv[0]`, exact match) that replicas may
///   run; set by an administrator. The built-in simulated engine is always allowed
/// @param credential for `external`: a secret reference to the bearer token that the endpoints
///   require, `env:NAME` or `file:PATH`; the control plane and each gateway resolve it locally
/// @param tls for `external`: how to verify the certificates of `https` endpoints
/// @param pricePerGpuHour price of one accelerator per hour in US dollars; by default the typical
///   cloud price of its type, where known
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
  /// Key of `capacity`: accelerators of all types without a key of their own.
  public static final String GPUS = "gpus";

  /// Key of `capacity`: replicas of versions that name no accelerator.
  public static final String REPLICAS = "replicas";

  public TargetSpec {
    capacity = Map.copyOf(capacity);
    allowedCommands = List.copyOf(allowedCommands);
  }

  /// The fields that only this Target's provider uses.
  public TargetSettings settings() {
    return settings(provider);
  }

  /// The fields that only the given provider uses, whatever the provider of this Target is.
  public TargetSettings settings(ProviderType type) {
    return switch (type) {
      case PROCESS -> new ProcessTarget(allowedCommands);
      case EXTERNAL -> new ExternalTarget(credential, tls);
    };
  }

  /// A target without credential and TLS settings.
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

  /// A target without a price.
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

  /// The control plane and each gateway resolve both values locally.
  ///
  /// @param caFile absolute path of a PEM file with the CA certificates to trust instead of Java's
  ///   defaults
  /// @param serverName the name that certificates must contain, also sent as `Host`; the URL's host
  ///   by default. Required when the URL's host is an address that no certificate contains
  public record TlsSpec(Optional<String> caFile, Optional<String> serverName) {
    public static final TlsSpec NONE = new TlsSpec(Optional.empty(), Optional.empty());
  }

  /// What runs the replicas of a Target.
  public enum ProviderType implements Text {
    PROCESS("process"),
    EXTERNAL("external");

    private final String text;

    ProviderType(String text) {
      this.text = text;
    }

    /// What Weir can do with the replicas.
    public ProviderTraits traits() {
      return switch (this) {
        case PROCESS -> ProviderTraits.LOCAL;
        case EXTERNAL -> ProviderTraits.ROUTED_ONLY;
      };
    }

    @Override
    public String text() {
      return text;
    }
  }
}
