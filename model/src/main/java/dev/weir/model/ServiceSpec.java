// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the user wants of a Service.
///
/// @param version the wanted version; changing it starts a Rollout
/// @param slo what it promises; alerts follow from it and nothing else
/// @param lends which of its replicas may make room for other Services' releases
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

  /// One that promises what every Service does.
  public ServiceSpec(
      VersionRef version, List<Placement> placements, ReleaseSpec release, TrafficSpec traffic) {
    this(version, placements, release, traffic, SloSpec.DEFAULT);
  }

  /// One that lends nothing.
  public ServiceSpec(
      VersionRef version,
      List<Placement> placements,
      ReleaseSpec release,
      TrafficSpec traffic,
      SloSpec slo) {
    this(version, placements, release, traffic, slo, LendSpec.NOTHING);
  }

  /// Replicas that may be stopped for as long as another Service's release needs their room.
  ///
  /// @param replicas at most; one always stays
  /// @param priority who has the lowest lends first, -1000 to 1000
  public record LendSpec(@Default("0") int replicas, @Default("0") int priority) {
    public static final LendSpec NOTHING = new LendSpec(0, 0);
  }

  /// The same, promising what every Service does: what is promised changes nothing that runs.
  public ServiceSpec promisingNothingOwn() {
    return new ServiceSpec(version, placements, release, traffic);
  }

  /// How many replicas of each serving version run where.
  ///
  /// @param replicas 0 or more; ignored on `external` targets, whose endpoints are the replicas
  /// @param endpoints on `external` targets: `model@version` to where it is served: base URLs, each
  ///   one replica, or `dns+http://name:port` and `dns+https://name:port`, where each address of
  ///   the name is one (see [ExternalEndpoints])
  public record Placement(
      String target,
      @Default("1") int replicas,
      @Default("{}") Map<VersionRef, List<URI>> endpoints) {
    public Placement {
      endpoints = Map.copyOf(endpoints);
    }
  }

  /// How the gateway treats traffic to the Service.
  ///
  /// @param maxInFlight requests under way in one gateway, 1 to 1000000; more are refused
  /// @param resume continue a stream on another replica when one dies in the middle
  /// @param sessionHeader a request header that names a session, beside `x-weir-session`
  /// @param limits of the whole Service
  /// @param perTenant of each tenant at this Service
  /// @param concurrency how much runs at one time, and who waits
  /// @param maxResumes how often one stream is continued, 0 to 10
  /// @param doneAfterError send `[DONE]` also after an error event, as some engines do
  /// @param resumeFrom what a stream is continued from
  /// @param recording which requests are kept to be asked again; none if not given
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
    /// One of which nothing is recorded.
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

    /// The same, of which that is recorded.
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

  /// What a broken stream is continued from.
  public enum ResumeFrom implements Text {
    /// What the client was sent, which another replica takes apart into tokens again.
    TEXT("text"),
    /// The very tokens where the engine tells their ids; else text.
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

  /// What each tenant may ask of a Service. A tenant is the namespace of a key.
  ///
  /// @param requestsPerMinute 0 for no limit
  /// @param tokensPerMinute prompt and output together, 0 for no limit
  /// @param maxInFlight requests that run or wait at one time, 0 for no limit
  /// @param share weights by tenant, 1 to 1000, 1 for who is not named: in this ratio capacity is
  ///   divided when tenants compete for it
  public record TenantLimits(
      @Default("0") long requestsPerMinute,
      @Default("0") long tokensPerMinute,
      @Default("0") int maxInFlight,
      @Default("{}") Map<String, Integer> share) {
    public TenantLimits {
      share = Map.copyOf(share);
    }
  }

  /// The capacity of a Service as its owner knows it.
  ///
  /// @param max requests running at one time over all gateways; what is more waits, in the order of
  ///   priority and shares, or is refused when it would wait too long. 0 for no maximum
  /// @param waitForReplica how long a request waits for a replica while none is Ready; 0s for not
  ///   at all
  public record Concurrency(@Default("0") int max, @Default("0s") Duration waitForReplica) {}

  /// @param connect until the TCP connection to a replica stands
  /// @param firstToken from sending the request to the first byte of the answer's body
  /// @param stall between two pieces of a streamed answer
  /// @param total for the whole request, retries and resumes included
  public record Timeouts(
      @Default("1s") Duration connect,
      @Default("10s") Duration firstToken,
      @Default("5s") Duration stall,
      @Default("120s") Duration total) {}

  /// @param budget retries allowed as a share of live requests
  /// @param maxAttempts attempts for one request, the first included, 1 to 10
  public record Retries(@Default("20%") Percentage budget, @Default("3") int maxAttempts) {}

  /// When a replica that fails is left out for a while.
  ///
  /// @param consecutiveFailures in a row that open a replica's breaker, 1 to 1000
  /// @param ejection how long it is left out the first time; each time longer, up to 5 minutes
  /// @param maxEjected share of a version's replicas that may be left out, one always
  /// @param panic when a smaller share of a version's replicas would be left, none is left out
  public record Breaker(
      @Default("5") int consecutiveFailures,
      @Default("10s") Duration ejection,
      @Default("10%") Percentage maxEjected,
      @Default("50%") Percentage panic) {}
}
