// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.spec.RecordingSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.BakeSpec;
import dev.weir.model.spec.ReleaseSpec.BlueGreenSpec;
import dev.weir.model.spec.ReleaseSpec.Capacity;
import dev.weir.model.spec.ReleaseSpec.Match;
import dev.weir.model.spec.ReleaseSpec.Proof;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.spec.ReleaseSpec.RollingSpec;
import dev.weir.model.spec.ReleaseSpec.ShadowSpec;
import dev.weir.model.spec.ReleaseSpec.StepMetric;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.LendSpec;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Percentage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;

/// Hex SHA-256 over JSON with sorted fields and map entries: equal content has an equal hash in
/// every process. Fields that do not affect what a release tests are excluded.
public final class SpecHash {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .addMixIn(EngineSpec.class, Engine.class)
          .addMixIn(EngineProfileSpec.class, Profile.class)
          .addMixIn(ServiceSpec.class, Service.class)
          .addMixIn(ReleaseSpec.class, Release.class)
          .addMixIn(ReleaseSpec.Step.class, Step.class)
          .addMixIn(ReleaseSpec.AnalysisSpec.class, Analysis.class)
          .addMixIn(ServiceSpec.TrafficSpec.class, Traffic.class)
          .addMixIn(ServiceSpec.Breaker.class, Breaker.class)
          .build();

  /// Versions from before engines had profiles keep their hashes: the type is in capital letters,
  /// as it was then, and a missing profile is left out.
  interface Engine {
    @JsonSerialize(using = CapitalLetters.class)
    EngineType type();

    @JsonInclude(Include.NON_ABSENT)
    Optional<EngineProfileSpec> profile();
  }

  /// Fields that a profile does not name are left out, so that new fields change no hash.
  @JsonInclude(Include.NON_ABSENT)
  interface Profile {}

  static final class CapitalLetters extends ValueSerializer<EngineType> {
    @Override
    public void serialize(EngineType type, JsonGenerator json, SerializationContext context) {
      json.writeString(type.text().toUpperCase(Locale.ROOT));
    }
  }

  /// Excludes loans to other Services.
  interface Service {
    @JsonIgnore
    LendSpec lends();
  }

  /// Excludes what a release waits for, and fields with default values: a spec from before such a
  /// field existed keeps its hash.
  interface Release {
    @JsonIgnore
    List<String> after();

    @JsonIgnore
    Capacity capacity();

    @JsonIgnore
    Duration maxWait();

    @JsonIgnore
    int rollbackWindow();

    @JsonInclude(Include.NON_ABSENT)
    Optional<RampSpec> ramp();

    @JsonInclude(value = Include.CUSTOM, valueFilter = DefaultValues.class)
    BakeSpec bake();

    @JsonInclude(value = Include.CUSTOM, valueFilter = DefaultValues.class)
    BlueGreenSpec blueGreen();

    @JsonInclude(value = Include.CUSTOM, valueFilter = DefaultValues.class)
    RollingSpec rolling();

    @JsonInclude(value = Include.CUSTOM, valueFilter = DefaultValues.class)
    ShadowSpec shadow();

    @JsonInclude(Include.NON_ABSENT)
    Optional<GeneratedTraffic> traffic();
  }

  /// Excludes absent fields.
  interface Analysis {
    @JsonInclude(Include.NON_ABSENT)
    Optional<GradingSpec> grading();

    @JsonInclude(Include.NON_ABSENT)
    Optional<Proof> proof();

    @JsonInclude(Include.NON_ABSENT)
    Optional<Duration> maxDuration();
  }

  /// Excludes recording.
  interface Traffic {
    @JsonIgnore
    Optional<RecordingSpec> recording();
  }

  /// Hashes renamed fields under their old names, so that a release that failed before the rename
  /// is not retried.
  interface Breaker {
    @JsonProperty("ejection")
    Duration baseEjectionTime();

    @JsonProperty("panic")
    Percentage panicThreshold();
  }

  /// Excludes fields with default values.
  interface Step {
    @JsonInclude(Include.NON_EMPTY)
    List<Match> match();

    @JsonInclude(value = Include.CUSTOM, valueFilter = DefaultValues.class)
    boolean analysis();

    @JsonInclude(Include.NON_ABSENT)
    Optional<Duration> pause();

    @JsonInclude(Include.NON_DEFAULT)
    boolean gate();

    @JsonInclude(Include.NON_EMPTY)
    Map<String, StepMetric> metrics();
  }

  /// Equal to each default value of a release.
  static final class DefaultValues {
    private static final Set<Object> VALUES =
        Set.of(BakeSpec.USUAL, BlueGreenSpec.PLAIN, RollingSpec.ONE_BY_ONE, ShadowSpec.TENTH, true);

    @Override
    @SuppressWarnings("EqualsUnsafeCast") // the encoder calls it with any value
    public boolean equals(Object other) {
      return other != null && VALUES.contains(other);
    }

    @Override
    public int hashCode() {
      return VALUES.hashCode();
    }
  }

  private SpecHash() {}

  public static String of(Object... parts) {
    byte[] text = JSON.writeValueAsString(List.of(parts)).getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
