// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.spec.TargetSpec.TlsSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The fields of a [TargetSpec] that only some providers use; one record for each provider.
///
/// A Target may set only the fields of its own provider's record.
public sealed interface TargetSettings {
  /// The fields that have a value other than their default, by name, with the value to report. The
  /// value of `credential` is not reported, because a user may have set the secret itself.
  Map<String, Object> given();

  /// Settings of provider `process`.
  ///
  /// @param allowedCommands the programs (`argv[0]`, exact match) that replicas may run
  record ProcessTarget(List<String> allowedCommands) implements TargetSettings {
    public ProcessTarget {
      allowedCommands = List.copyOf(allowedCommands);
    }

    @Override
    public Map<String, Object> given() {
      return allowedCommands.isEmpty() ? Map.of() : Map.of("allowedCommands", allowedCommands);
    }
  }

  /// Settings of provider `external`.
  ///
  /// @param credential a secret reference to the bearer token that the endpoints require
  /// @param tls how to verify the certificates of `https` endpoints
  record ExternalTarget(Optional<String> credential, TlsSpec tls) implements TargetSettings {
    @Override
    public Map<String, Object> given() {
      Map<String, Object> given = new LinkedHashMap<>();
      if (credential.isPresent()) {
        given.put("credential", "");
      }
      if (!tls.equals(TlsSpec.NONE)) {
        given.put("tls", "");
      }
      return given;
    }
  }
}
