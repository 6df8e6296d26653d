// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/// The frozen decoder of snapshot format 3 from a gateway of the previous release. Do not adapt it
/// to changes of the code: it must be able to read what control writes for such a gateway.
final class SnapshotFormat3Reader {
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

  private SnapshotFormat3Reader() {}

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
      boolean pinVersion,
      Limits limits,
      String priority) {}

  record Limits(long requestsPerMinute, long tokensPerMinute, int maxInFlight) {}

  record Route(
      String model,
      String tenant,
      List<Backend> backends,
      String route,
      List<Rule> rules,
      List<Fallback> fallbacks,
      List<Mirror> mirrors,
      Times ceilings) {}

  record Rule(Map<String, String> headers, List<String> tenants, List<Backend> backends) {}

  record Fallback(String service, List<String> on) {}

  record Mirror(String service, int shareMillionths) {}

  record Backend(String service, int weight) {}

  record Service(
      String id,
      String namespace,
      String name,
      Arm stable,
      List<Canary> canary,
      Times timeouts,
      int retryBudgetPercent,
      int maxAttempts,
      boolean resume,
      String sessionHeader,
      Admission admission,
      Isolation isolation,
      Breaks breaks,
      List<Fault> faults,
      Recording recording) {}

  record Arm(String version, List<Replica> replicas) {}

  record Canary(
      Arm arm,
      String rollout,
      int step,
      String salt,
      int weightMillionths,
      boolean observed,
      List<Audience> audience,
      int mirrorMillionths,
      Generated generated,
      Grading grading) {}

  record Audience(Map<String, String> headers, List<String> tenants) {}

  record Generated(
      String stratum, int millihertz, boolean completions, List<String> prompts, int maxTokens) {}

  record Grading(
      String judge, int shareMillionths, String instructions, int maxTokens, long withinMillis) {}

  record Recording(
      int sampleMillionths, int keep, long maxAgeMillis, String key, List<Redaction> redact) {}

  record Redaction(String pattern, String replacement) {}

  record Replica(
      String name,
      String url,
      String engine,
      String servedModel,
      String credential,
      String caFile,
      String serverName) {}

  record Times(long connectMillis, long firstTokenMillis, long stallMillis, long totalMillis) {}

  record Admission(
      Limits limits,
      Limits perTenant,
      Map<String, Integer> shares,
      int maxRunning,
      long waitForReplicaMillis) {}

  record Isolation(
      int consecutiveFailures,
      long ejectionMillis,
      int maxEjectedPercent,
      int panicPercent,
      int maxInFlight) {}

  record Breaks(int maxResumes, boolean doneAfterError, boolean fromTokens) {}

  record Fault(
      String name,
      String kind,
      String replica,
      String version,
      boolean real,
      int shareMillionths,
      int status,
      long delayMillis,
      int after,
      String effect,
      long untilMillis) {}

  static Snapshot decode(byte[] bytes) {
    long version = formatVersion(bytes);
    if (version != 3) {
      throw new IllegalArgumentException(
          "snapshot has formatVersion " + version + ", this program reads 3 to 3");
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
