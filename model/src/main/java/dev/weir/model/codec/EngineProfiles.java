// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.weir.model.engine.BuiltInEngines;
import dev.weir.model.engine.EngineProfile;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.value.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The complete profile of each engine: the default profile, then the entry of the built-in engine,
/// then the profile of the manifest.
public final class EngineProfiles {
  private static final EngineCatalogue CATALOGUE = read();
  private static final Map<EngineType, EngineProfile> BUILT_IN =
      CATALOGUE.engines().entrySet().stream()
          .collect(
              toUnmodifiableMap(
                  Map.Entry::getKey, engine -> CATALOGUE.defaults().with(engine.getValue())));

  private EngineProfiles() {}

  /// The content of `engines.yaml`.
  ///
  /// @param defaults for all fields that nothing else names
  /// @param engines the built-in engines by type
  record EngineCatalogue(EngineProfile defaults, Map<EngineType, EngineProfileSpec> engines) {
    EngineCatalogue {
      engines = Map.copyOf(engines);
    }
  }

  /// The profile of a version's engine.
  public static EngineProfile of(EngineSpec engine) {
    EngineProfile known = of(engine.type());
    return engine.profile().map(known::with).orElse(known);
  }

  /// The profile of a built-in engine; for other types the default profile.
  public static EngineProfile of(EngineType type) {
    return BUILT_IN.getOrDefault(type, CATALOGUE.defaults());
  }

  private static EngineCatalogue read() {
    List<Problem> problems = new ArrayList<>();
    Optional<Object> read =
        new Decoder(Decoder.Strictness.MANIFEST, problems::add)
            .value(Shapes.of(EngineCatalogue.class), BuiltInEngines.tree(), "");
    return read.filter(_ -> problems.isEmpty())
        .map(EngineCatalogue.class::cast)
        .orElseThrow(() -> new IllegalStateException("engines.yaml: " + problems));
  }
}
