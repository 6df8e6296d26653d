// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.RefersTo;
import dev.weir.model.value.Text;
import dev.weir.model.value.VersionRef;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The desired state of a Service.
///
/// @param version the desired version; changing it starts a Rollout
/// @param slo service level objectives, which only affect alerts
/// @param lends the replicas that may stop to free capacity for other Services' releases
public record ServiceSpec(
    VersionRef version,
    List<Placement> placements,
    @Default("{}") ReleaseSpec release,
    @Default("{}") TrafficSpec traffic,
    @Default("{}") SloSpec slo,
    @Default("{}") LendSpec lends) {
  public ServiceSpec {
    placements = List.copyOf(placements);
  }

  /// A spec with default objectives.
  public ServiceSpec(
      VersionRef version, List<Placement> placements, ReleaseSpec release, TrafficSpec traffic) {
    this(version, placements, release, traffic, SloSpec.DEFAULT);
  }

  /// A spec that lends nothing.
  public ServiceSpec(
      VersionRef version,
      List<Placement> placements,
      ReleaseSpec release,
      TrafficSpec traffic,
      SloSpec slo) {
    this(version, placements, release, traffic, slo, LendSpec.NOTHING);
  }

  /// Replicas that may stop while another Service's release needs their capacity.
  ///
  /// @param replicas maximum number of replicas to lend; at least one always remains
  /// @param priority Services with the lowest value lend first, -1000 to 1000
  public record LendSpec(@Default("0") int replicas, @Default("0") int priority) {
    public static final LendSpec NOTHING = new LendSpec(0, 0);
  }

  /// A copy with default objectives, for comparisons: objectives do not affect what runs.
  public ServiceSpec withDefaultSlo() {
    return new ServiceSpec(version, placements, release, traffic);
  }

  /// The number of replicas of each serving version on one Target.
  ///
  /// @param replicas 0 or more; ignored on `external` targets, whose endpoints are the replicas
  /// @param endpoints on `external` targets: maps `model@version` to its endpoints: base URLs, each
  ///   one replica, or `dns+http://name:port` and `dns+https://name:port`, where each address of
  ///   the name is one replica (see [ExternalEndpoints])
  public record Placement(
      @RefersTo(Kind.TARGET) String target,
      @Default("1") int replicas,
      @Default("{}") Map<VersionRef, List<URI>> endpoints) {
    public Placement {
      endpoints = Map.copyOf(endpoints);
    }
  }

  /// How the gateway handles traffic to the Service.
  ///
  /// @param maxInFlight maximum requests in flight in one gateway, 1 to 1000000; further requests
  ///   are rejected
  /// @param resume whether to resume a stream on another replica when its replica fails
  /// @param sessionHeader a request header that identifies a session, in addition to
  ///   `x-weir-session`
  /// @param limits limits of the whole Service
  /// @param perTenant limits of each tenant at this Service
  /// @param concurrency maximum concurrency and queueing
  /// @param maxResumes how many times one stream may be resumed, 0 to 10
  /// @param doneAfterError whether to send `[DONE]` also after an error event, as some engines do
  /// @param resumeFrom what a resumed stream continues from
  /// @param recording which requests are recorded for replay; none by default
  public record TrafficSpec(
      @Default("{}") Timeouts timeouts,
      @Default("{}") Retries retries,
      @Default("{}") Breaker breaker,
      @Default("4096") int maxInFlight,
      @Default("true") boolean resume,
      Optional<String> sessionHeader,
      @Default("{}") Limits limits,
      @Default("{}") TenantLimits perTenant,
      @Default("{}") Concurrency concurrency,
      @Default("3") int maxResumes,
      @Default("false") boolean doneAfterError,
      @Default("text") ResumeFrom resumeFrom,
      Optional<RecordingSpec> recording) {
    /// A spec without recording.
    public TrafficSpec(
        Timeouts timeouts,
        Retries retries,
        Breaker breaker,
        int maxInFlight,
        boolean resume,
        Optional<String> sessionHeader,
        Limits limits,
        TenantLimits perTenant,
        Concurrency concurrency,
        int maxResumes,
        boolean doneAfterError,
        ResumeFrom resumeFrom) {
      this(
          timeouts,
          retries,
          breaker,
          maxInFlight,
          resume,
          sessionHeader,
          limits,
          perTenant,
          concurrency,
          maxResumes,
          doneAfterError,
          resumeFrom,
          Optional.empty());
    }

    /// A copy with another recording spec.
    public TrafficSpec withRecording(Optional<RecordingSpec> other) {
      return new TrafficSpec(
          timeouts,
          retries,
          breaker,
          maxInFlight,
          resume,
          sessionHeader,
          limits,
          perTenant,
          concurrency,
          maxResumes,
          doneAfterError,
          resumeFrom,
          other);
    }
  }

  /// What a resumed stream continues from.
  public enum ResumeFrom implements Text {
    /// The text that the client received, which another replica tokenizes again.
    TEXT("text"),
    /// The exact tokens if the engine returns token ids; otherwise text.
    TOKENS("tokens");

    private final String text;

    ResumeFrom(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Limits of each tenant of a Service. A tenant is the namespace of a key.
  ///
  /// @param requestsPerMinute 0 for no limit
  /// @param tokensPerMinute prompt and output tokens together, 0 for no limit
  /// @param maxInFlight requests that run or wait at one time, 0 for no limit
  /// @param share weights by tenant, 1 to 1000, 1 by default: competing tenants share capacity in
  ///   this ratio
  public record TenantLimits(
      @Default("0") long requestsPerMinute,
      @Default("0") long tokensPerMinute,
      @Default("0") int maxInFlight,
      @Default("{}") Map<String, Integer> share) {
    public TenantLimits {
      share = Map.copyOf(share);
    }
  }

  /// The maximum concurrency of a Service, as its owner knows it.
  ///
  /// @param max maximum concurrent requests over all gateways; further requests wait, in the order
  ///   of priority and shares, or are rejected when they would wait too long. 0 for no maximum
  /// @param waitForReplica how long a request waits while no replica is Ready; 0s to not wait
  public record Concurrency(@Default("0") int max, @Default("0s") Duration waitForReplica) {}

  /// @param connect time to establish the TCP connection to a replica
  /// @param firstToken time from sending the request to the first byte of the response body
  /// @param stall time between two chunks of a streamed response
  /// @param total time for the whole request, including retries and resumes
  public record Timeouts(
      @Default("1s") Duration connect,
      @Default("10s") Duration firstToken,
      @Default("5s") Duration stall,
      @Default("120s") Duration total) {}

  /// @param budget retries allowed as a share of requests in flight
  /// @param maxAttempts maximum attempts per request, including the first, 1 to 10
  public record Retries(@Default("20%") Percentage budget, @Default("3") int maxAttempts) {}

  /// When a failing replica is ejected for a while.
  ///
  /// @param consecutiveFailures consecutive failures that open a replica's breaker, 1 to 1000
  /// @param baseEjectionTime duration of the first ejection; each further ejection lasts longer, up
  ///   to 5 minutes
  /// @param maxEjected maximum share of a version's replicas that may be ejected; at least one
  ///   always may
  /// @param panicThreshold no replica is ejected when a smaller share of the version's replicas
  ///   than this would remain
  public record Breaker(
      @Default("5") int consecutiveFailures,
      @Default("10s") Duration baseEjectionTime,
      @Default("10%") Percentage maxEjected,
      @Default("50%") Percentage panicThreshold) {}
}
