// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.time.Instant;
import java.util.List;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/// A gateway of the release before: the decoder of snapshot format 1 as it was, frozen. It is not
/// to follow changes of the code; what control writes for such a gateway must be readable here.
final class FormatOneReader {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxStringLength(64 * 1024)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private FormatOneReader() {}

  record Snapshot(
      int formatVersion,
      long sequence,
      long revision,
      Instant publishedAt,
      String auditHead,
      long leaseMillis,
      List<Key> keys,
      List<Route> routes,
      List<Service> services) {}

  record Key(
      String hash,
      String principal,
      String tenant,
      long expiresAtMillis,
      List<String> models,
      boolean pinVersion) {}

  record Route(String model, String tenant, List<Backend> backends) {}

  record Backend(String service, int weight) {}

  record Service(
      String id,
      String namespace,
      String name,
      Arm stable,
      List<Canary> canary,
      Timeouts timeouts,
      int retryBudgetPercent,
      int maxAttempts,
      boolean resume,
      String sessionHeader) {}

  record Arm(String version, List<Replica> replicas) {}

  record Canary(
      Arm arm, String rollout, int step, String salt, int weightMillionths, boolean observed) {}

  record Replica(String name, String url, String engine, String servedModel) {}

  record Timeouts(long connectMillis, long firstTokenMillis, long stallMillis, long totalMillis) {}

  static Snapshot decode(byte[] bytes) {
    long version = formatVersion(bytes);
    if (version != 1) {
      throw new IllegalArgumentException(
          "snapshot has formatVersion " + version + ", this program reads 1 to 1");
    }
    return MAPPER.readValue(bytes, Snapshot.class);
  }

  private static long formatVersion(byte[] bytes) {
    try (var parser = MAPPER.createParser(bytes)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean wanted = parser.currentName().equals("formatVersion");
        if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && wanted) {
          return parser.getLongValue();
        }
        parser.skipChildren();
      }
      throw new IllegalArgumentException("no formatVersion");
    }
  }
}
