// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.engine.EngineApi;
import dev.weir.model.engine.EngineProfile;
import dev.weir.model.engine.ResumeMethod;
import dev.weir.model.spec.EngineSpec;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Compiles what gateways must know about a version's engine.
final class EngineCompiler {
  private EngineCompiler() {}

  /// A version's arm. It describes the engine only where gateways cannot derive the same from the
  /// engine type of its replicas: a description takes as many bytes as several replicas.
  static Arm arm(String version, List<ReplicaEntry> replicas, EngineSpec engine) {
    Arm derived = new Arm(version, replicas);
    EngineCapabilities described = compile(engine);
    return described.equals(derived.capabilities())
        ? derived
        : new Arm(version, replicas, Optional.of(described));
  }

  private static EngineCapabilities compile(EngineSpec engine) {
    EngineProfile profile = EngineProfiles.of(engine);
    return new EngineCapabilities(
        profile.apis().stream().map(EngineApi::text).toList(),
        profile.resume().contains(ResumeMethod.COMPLETION_TEXT),
        profile.resume().contains(ResumeMethod.CHAT_TEXT),
        profile.resume().contains(ResumeMethod.TOKEN_IDS),
        profile.completionTokens(),
        profile.contextTooLong().codes(),
        profile.contextTooLong().texts().stream()
            .map(text -> text.toLowerCase(Locale.ROOT))
            .toList());
  }
}
