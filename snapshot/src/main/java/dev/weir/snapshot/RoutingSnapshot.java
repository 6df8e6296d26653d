// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The complete routing state of a gateway: compiled, immutable, numbered.
///
/// The hash is not a field: it is the hex SHA-256 of the snapshot's encoded bytes (see
/// `SnapshotCodec`), which proves the snapshot that a gateway serves.
///
/// @param formatVersion version of the encoding; readers accept their own version and the previous
///   one
/// @param sequence increasing number of the snapshot; endpoints can change without a resource
///   change
/// @param revision the newest resource revision that it contains
/// @param publishedAt time of the control plane's clock; a gateway that *starts* from a snapshot
///   older than 24 h is not ready
/// @param store identity of its store and the head of the audit log, so that gateways can reject
///   snapshots of another store and witness the log
/// @param leaseMillis how long a canary may receive traffic without a lease renewal
public record RoutingSnapshot(
    int formatVersion,
    long sequence,
    long revision,
    Instant publishedAt,
    StoreHead store,
    long leaseMillis,
    List<KeyEntry> keys,
    List<RouteEntry> routes,
    List<ServiceEntry> services) {

  /// The newest format. 4 added the identity of the store and the number of its newest audit entry;
  /// see [SnapshotFormats] for older readers.
  public static final int FORMAT_VERSION = 4;

  public RoutingSnapshot {
    keys = List.copyOf(keys);
    routes = List.copyOf(routes);
    services = List.copyOf(services);
  }

  /// An API key that may call models.
  ///
  /// @param hash `sha256:` and the hex hash of the whole key
  /// @param tenant the namespace that the key belongs to
  /// @param expiresAtMillis UTC epoch milliseconds, `Long.MAX_VALUE` for never
  /// @param models public model names that it may call; empty means all routes of its tenant
  /// @param pinVersion whether requests may use `x-weir-version`
  /// @param limits limits of this key alone
  /// @param priority the maximum priority of its requests, and their default
  public record KeyEntry(
      String hash,
      String principal,
      String tenant,
      long expiresAtMillis,
      List<String> models,
      boolean pinVersion,
      Limits limits,
      Priority priority) {
    public KeyEntry {
      models = List.copyOf(models);
    }

    /// A key without limits of its own, of normal priority.
    public KeyEntry(
        String hash,
        String principal,
        String tenant,
        long expiresAtMillis,
        List<String> models,
        boolean pinVersion) {
      this(
          hash,
          principal,
          tenant,
          expiresAtMillis,
          models,
          pinVersion,
          Limits.NONE,
          Priority.NORMAL);
    }
  }

  /// The order in which requests are served under overload, highest first.
  public enum Priority {
    HIGH,
    NORMAL,
    LOW
  }

  /// Limits on requests over all gateways; each enforces its share. 0 means no limit.
  ///
  /// @param tokensPerMinute prompt and output tokens together
  /// @param maxInFlight requests that run or wait at one time
  public record Limits(long requestsPerMinute, long tokensPerMinute, int maxInFlight) {
    public static final Limits NONE = new Limits(0, 0, 0);
  }

  /// The admission rules of a Service.
  ///
  /// @param limits limits of the whole Service
  /// @param perTenant limits of each tenant
  /// @param shares weights by tenant, above 0; 1 by default
  /// @param maxRunning maximum concurrent requests over all gateways, 0 for no maximum; further
  ///   requests wait
  /// @param waitForReplicaMillis how long a request waits while no replica is available, 0 to not
  ///   wait
  public record Admission(
      Limits limits,
      Limits perTenant,
      Map<String, Integer> shares,
      int maxRunning,
      long waitForReplicaMillis) {
    /// Admits every request.
    public static final Admission OPEN = new Admission(Limits.NONE, Limits.NONE, Map.of(), 0, 0);

    public Admission {
      shares = Map.copyOf(shares);
    }
  }

  /// A public model name.
  ///
  /// @param model the name that clients send; unique in the snapshot
  /// @param backends service ids (`namespace/name`) with relative weights; weight 0 gets no
  ///   requests
  /// @param route model name of the Route; differs from `model` for an alias
  /// @param rules rules that route matching requests elsewhere; the first match wins
  /// @param fallbacks services to try, in order, when the selected service cannot serve the request
  /// @param mirrors at most one service that receives copies
  /// @param ceilings upper bounds for the services' timeouts for requests under this name
  public record RouteEntry(
      String model,
      String tenant,
      List<Backend> backends,
      String route,
      List<Rule> rules,
      List<Fallback> fallbacks,
      List<Mirror> mirrors,
      Ceilings ceilings) {
    public RouteEntry {
      backends = List.copyOf(backends);
      rules = List.copyOf(rules);
      fallbacks = List.copyOf(fallbacks);
      mirrors = List.copyOf(mirrors);
      if (mirrors.size() > 1) {
        throw new IllegalArgumentException("one mirror at most: " + model);
      }
    }

    /// A route without alias, rules, fallbacks, mirror and ceilings.
    public RouteEntry(String model, String tenant, List<Backend> backends) {
      this(model, tenant, backends, model, List.of(), List.of(), List.of(), Ceilings.NONE);
    }

    /// A copy under another name.
    public RouteEntry withAlias(String alias) {
      return new RouteEntry(alias, tenant, backends, route, rules, fallbacks, mirrors, ceilings);
    }
  }

  /// Matches a request that has all the headers and belongs to one of the tenants.
  ///
  /// @param headers values by lower-case name; empty matches any request
  /// @param tenants empty matches any tenant
  public record Rule(Map<String, String> headers, List<String> tenants, List<Backend> backends) {
    public Rule {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
      backends = List.copyOf(backends);
    }
  }

  /// @param service service id (`namespace/name`)
  /// @param on the causes that trigger the fallback
  public record Fallback(String service, List<Cause> on) {
    public Fallback {
      on = List.copyOf(on);
    }
  }

  /// A service that receives copies of requests; gateways discard its responses.
  ///
  /// @param service service id (`namespace/name`)
  /// @param shareMillionths share of the requests, 0 to 1,000,000
  public record Mirror(String service, int shareMillionths) {}

  /// Why a service cannot serve a request.
  public enum Cause {
    /// No replica exists or is reachable, or every attempt failed.
    DOWN,
    /// The service is at capacity, or a limit is reached.
    SATURATED,
    /// The request exceeds the model's context length.
    CONTEXT_TOO_LONG
  }

  public record Backend(String service, int weight) {}

  /// A Service with its current versions.
  ///
  /// @param id `namespace/name`
  /// @param stable the arm that may always serve
  /// @param canary at most one arm under test
  /// @param sessionHeader lower-case header that identifies a session in addition to
  ///   `x-weir-session`, or empty
  /// @param admission admission rules
  /// @param isolation how failures of one replica are isolated from others
  /// @param breaks how broken streams are handled
  /// @param faults injected faults
  /// @param recording which requests gateways record for replay
  public record ServiceEntry(
      String id,
      String namespace,
      String name,
      Arm stable,
      List<CanaryArm> canary,
      Timeouts timeouts,
      int retryBudgetPercent,
      int maxAttempts,
      boolean resume,
      String sessionHeader,
      Admission admission,
      Isolation isolation,
      Breaks breaks,
      List<FaultEntry> faults,
      Recording recording) {
    public ServiceEntry {
      canary = List.copyOf(canary);
      faults = List.copyOf(faults);
      if (canary.size() > 1) {
        throw new IllegalArgumentException("one canary at most: " + id);
      }
    }

    /// A service that admits every request, with default isolation.
    public ServiceEntry(
        String id,
        String namespace,
        String name,
        Arm stable,
        List<CanaryArm> canary,
        Timeouts timeouts,
        int retryBudgetPercent,
        int maxAttempts,
        boolean resume,
        String sessionHeader) {
      this(
          id,
          namespace,
          name,
          stable,
          canary,
          timeouts,
          retryBudgetPercent,
          maxAttempts,
          resume,
          sessionHeader,
          Admission.OPEN,
          Isolation.DEFAULT,
          Breaks.DEFAULT,
          List.of(),
          Recording.NONE);
    }

    /// A copy with other admission rules.
    public ServiceEntry with(Admission other) {
      return with(canary, other, isolation, breaks, faults, recording);
    }

    /// A copy with other isolation.
    public ServiceEntry with(Isolation other) {
      return with(canary, admission, other, breaks, faults, recording);
    }

    /// A copy with other rules for broken streams.
    public ServiceEntry with(Breaks other) {
      return with(canary, admission, isolation, other, faults, recording);
    }

    /// A copy with other faults.
    public ServiceEntry with(List<FaultEntry> other) {
      return with(canary, admission, isolation, breaks, other, recording);
    }

    /// A copy with other recording rules.
    public ServiceEntry with(Recording other) {
      return with(canary, admission, isolation, breaks, faults, other);
    }

    /// A copy with another canary, or none.
    public ServiceEntry withCanary(Optional<CanaryArm> other) {
      return with(other.stream().toList(), admission, isolation, breaks, faults, recording);
    }

    private ServiceEntry with(
        List<CanaryArm> tested,
        Admission admitted,
        Isolation isolated,
        Breaks broken,
        List<FaultEntry> injected,
        Recording kept) {
      return new ServiceEntry(
          id,
          namespace,
          name,
          stable,
          tested,
          timeouts,
          retryBudgetPercent,
          maxAttempts,
          resume,
          sessionHeader,
          admitted,
          isolated,
          broken,
          injected,
          kept);
    }
  }

  /// Which client requests a gateway records, redacted and encrypted, for replay.
  ///
  /// @param sampleMillionths share of the requests, 0 to 1,000,000
  /// @param keep maximum number of recorded requests, 1 to 10,000; the newest are retained
  /// @param maxAgeMillis maximum age of a recorded request, above 0
  /// @param key secret reference to the key, `env:NAME` or `file:PATH`, 32 bytes in base64; empty
  ///   without recording, and never the key itself
  /// @param redact the user's own patterns, applied in this order before the built-in ones
  public record Recording(
      int sampleMillionths, int keep, long maxAgeMillis, String key, List<Redaction> redact) {
    /// No recording; existing recordings are deleted.
    public static final Recording NONE = new Recording(0, 1, 1, "", List.of());

    public Recording {
      redact = List.copyOf(redact);
    }
  }

  /// @param pattern a Java regular expression
  /// @param replacement literal replacement text
  public record Redaction(String pattern, String replacement) {}

  /// How a gateway isolates failing replicas and overload.
  ///
  /// @param consecutiveFailures consecutive failures that open a replica's breaker, above 0
  /// @param ejectionMillis duration of the first ejection, above 0; each further ejection lasts
  ///   longer
  /// @param maxEjectedPercent maximum share of an arm's replicas that may be ejected, 0 to 100; at
  ///   least one always may
  /// @param panicPercent no replica is ejected when a smaller share of the arm's replicas than this
  ///   would remain, 0 to 100
  /// @param maxInFlight maximum requests of the service in flight in one gateway, above 0
  public record Isolation(
      int consecutiveFailures,
      long ejectionMillis,
      int maxEjectedPercent,
      int panicPercent,
      int maxInFlight) {
    public static final Isolation DEFAULT = new Isolation(5, 10_000, 10, 50, 4_096);
  }

  /// How broken streams are handled.
  ///
  /// @param maxResumes how many times one stream may be resumed, 0 to 10
  /// @param doneAfterError whether `[DONE]` follows an error event, for clients that wait for it
  /// @param fromTokens whether gateways request token ids from engines and resume streams from them
  ///   if available, otherwise from text
  public record Breaks(int maxResumes, boolean doneAfterError, boolean fromTokens) {
    public static final Breaks DEFAULT = new Breaks(3, false, false);
  }

  /// An injected fault, under the same lease as canary traffic.
  ///
  /// @param name unique in the snapshot together with its service
  /// @param replica the only replica affected, empty for all
  /// @param version `model@version`, the only version affected, empty for all
  /// @param real whether it also affects replicas whose engine is not simulated
  /// @param shareMillionths share of attempts affected, above 0 and at most 1,000,000
  /// @param status HTTP status, for kind `ERROR`
  /// @param delayMillis delay, for kind `DELAY`
  /// @param after number of events, for kinds `STALL` and `CUT`
  /// @param effect human-readable description of the effect
  /// @param untilMillis UTC epoch milliseconds by the control plane's clock
  public record FaultEntry(
      String name,
      FaultKind kind,
      String replica,
      String version,
      boolean real,
      int shareMillionths,
      int status,
      long delayMillis,
      int after,
      String effect,
      long untilMillis) {}

  /// The kinds of fault.
  public enum FaultKind {
    /// The attempt gets an error status; the replica is not called.
    ERROR,
    /// The replica is called late.
    DELAY,
    /// The response stalls in the middle.
    STALL,
    /// The response is cut off in the middle.
    CUT
  }

  /// One version and its available replicas.
  ///
  /// @param version `model@version`
  /// @param engine what its engine can do, if [#capabilities] cannot be derived from the engine
  ///   type; absent in snapshots of older control planes
  public record Arm(
      String version,
      List<ReplicaEntry> replicas,
      @JacksonInject(value = WireJson.ABSENT, useInput = OptBoolean.TRUE)
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<EngineCapabilities> engine) {
    public Arm {
      replicas = List.copyOf(replicas);
    }

    /// An arm whose engine is not described.
    public Arm(String version, List<ReplicaEntry> replicas) {
      this(version, replicas, Optional.empty());
    }

    /// What its engine can do. Where the snapshot does not describe it, the engine type of the
    /// first replica decides.
    public EngineCapabilities capabilities() {
      return engine.orElseGet(() ->
          replicas.isEmpty()
              ? FormerEngines.UNKNOWN
              : FormerEngines.of(replicas.getFirst().engine()));
    }
  }

  /// A version under test. It serves the units whose hash is below the weight while its lease is
  /// valid. A request that the weight selects is not mirrored, so with a weight of 100 % none is.
  ///
  /// @param rollout rollout id (`namespace/name`) in telemetry records
  /// @param step the rollout's step; a new step starts a new set of sessions
  /// @param salt salt of the hash
  /// @param weightMillionths share of the audience's units that it serves, 0 to 1,000,000
  /// @param observed whether gateways send per-request records
  /// @param audience the requests that the step covers: those that match one of these; empty means
  ///   all. Other requests go to the stable version
  /// @param mirrorMillionths share of units that the stable version serves and this version
  ///   receives as copies, 0 to 1,000,000. It applies to the audience, or with a weight above 0 to
  ///   all other units. The response to the copy is measured and discarded
  /// @param generated requests that gateways generate for both arms
  /// @param grading how a sample of both arms' responses is graded
  public record CanaryArm(
      Arm arm,
      String rollout,
      int step,
      String salt,
      int weightMillionths,
      boolean observed,
      List<Audience> audience,
      int mirrorMillionths,
      Generated generated,
      Grading grading) {
    public CanaryArm {
      audience = List.copyOf(audience);
    }

    /// A canary without grading.
    public CanaryArm(
        Arm arm,
        String rollout,
        int step,
        String salt,
        int weightMillionths,
        boolean observed,
        List<Audience> audience,
        int mirrorMillionths,
        Generated generated) {
      this(
          arm,
          rollout,
          step,
          salt,
          weightMillionths,
          observed,
          audience,
          mirrorMillionths,
          generated,
          Grading.NONE);
    }

    /// A canary without generated requests.
    public CanaryArm(
        Arm arm,
        String rollout,
        int step,
        String salt,
        int weightMillionths,
        boolean observed,
        List<Audience> audience,
        int mirrorMillionths) {
      this(
          arm,
          rollout,
          step,
          salt,
          weightMillionths,
          observed,
          audience,
          mirrorMillionths,
          Generated.NONE);
    }

    /// A canary for all requests, without mirroring.
    public CanaryArm(
        Arm arm, String rollout, int step, String salt, int weightMillionths, boolean observed) {
      this(arm, rollout, step, salt, weightMillionths, observed, List.of(), 0);
    }

    /// A copy for this audience only.
    public CanaryArm with(List<Audience> other) {
      return new CanaryArm(
          arm,
          rollout,
          step,
          salt,
          weightMillionths,
          observed,
          other,
          mirrorMillionths,
          generated,
          grading);
    }

    /// A copy as a shadow: it serves no client and receives copies of this share of units.
    public CanaryArm shadowing(int millionths) {
      return new CanaryArm(
          arm, rollout, step, salt, 0, observed, audience, millionths, generated, grading);
    }

    /// A copy with generated requests for both arms.
    public CanaryArm generating(Generated other) {
      return new CanaryArm(
          arm,
          rollout,
          step,
          salt,
          weightMillionths,
          observed,
          audience,
          mirrorMillionths,
          other,
          grading);
    }

    /// A copy with graded responses.
    public CanaryArm graded(Grading other) {
      return new CanaryArm(
          arm,
          rollout,
          step,
          salt,
          weightMillionths,
          observed,
          audience,
          mirrorMillionths,
          generated,
          other);
    }
  }

  /// Matches a request that has all the headers and belongs to one of the tenants.
  ///
  /// @param headers values by lower-case name; empty matches any request
  /// @param tenants empty matches any tenant
  public record Audience(Map<String, String> headers, List<String> tenants) {
    public Audience {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
    }
  }

  /// Requests that gateways generate, half to the canary and half to the stable version, when
  /// client traffic is too low for the sample size. Gateways discard the responses.
  ///
  /// @param stratum what is sent: `PROBES` or `RECORDED`
  /// @param millihertz requests per 1000 s over all gateways together, 0 for none; each gateway
  ///   sends its share
  /// @param completions whether probes use the completions API instead of the chat API
  /// @param prompts the user's prompts; empty for the built-in ones
  /// @param maxTokens output token limit of each
  public record Generated(
      RequestSource stratum,
      int millihertz,
      boolean completions,
      List<String> prompts,
      int maxTokens) {
    /// No generated requests.
    public static final Generated NONE =
        new Generated(RequestSource.PROBES, 0, false, List.of(), 1);

    /// The canary's share of generated requests.
    public static final int HALF_MILLIONTHS = 500_000;

    public Generated {
      prompts = List.copyOf(prompts);
    }

    /// Whether any requests are generated.
    public boolean any() {
      return millihertz > 0;
    }
  }

  /// How a sample of a release's responses is graded: gateways send prompt and response to a judge,
  /// which is an ordinary service and does not learn the version.
  ///
  /// @param judge id of the judge service, `namespace/name`; it implements OpenAI's chat API
  /// @param shareMillionths share of the compared requests, drawn before the response is known; 0
  ///   for none
  /// @param instructions the user's instructions to the judge; empty for the built-in ones
  /// @param maxTokens output token limit of the judge
  /// @param withinMillis time from the end of a response to its grade; later grades do not count
  public record Grading(
      String judge, int shareMillionths, String instructions, int maxTokens, long withinMillis) {
    /// No grading.
    public static final Grading NONE = new Grading("", 0, "", 1, 1);

    /// Whether any responses are graded.
    public boolean any() {
      return shareMillionths > 0;
    }
  }

  /// One replica.
  ///
  /// @param name unique in the snapshot together with its service
  /// @param url base URL without a trailing slash, for example `http://127.0.0.1:9001`
  /// @param engine type of the engine, lower case; see [Arm#capabilities] for what it can do
  /// @param servedModel the engine's name for the model; gateways rewrite the request's `model`
  ///   only if it differs
  /// @param credential secret reference to the replica's bearer token, `env:NAME` or `file:PATH`,
  ///   which the gateway resolves when needed; empty for none, and never the secret itself
  /// @param caFile path, at the gateway, of the CA certificates that verify the replica; empty for
  ///   Java's defaults
  /// @param serverName the name that its certificate must contain, also sent as `Host`; empty for
  ///   the URL's host
  public record ReplicaEntry(
      String name,
      String url,
      String engine,
      String servedModel,
      String credential,
      String caFile,
      String serverName) {
    /// A replica without a credential.
    public ReplicaEntry(String name, String url, String engine, String servedModel) {
      this(name, url, engine, servedModel, "", "", "");
    }
  }

  /// Timeouts in milliseconds, all above 0.
  public record Timeouts(
      long connectMillis, long firstTokenMillis, long stallMillis, long totalMillis) {}

  /// Upper bounds that a route sets for its services' timeouts, in milliseconds, 0 for none. They
  /// only lower timeouts; the horizons of a release and the deadlines of a drain use the service's
  /// own.
  public record Ceilings(
      long connectMillis, long firstTokenMillis, long stallMillis, long totalMillis) {
    public static final Ceilings NONE = new Ceilings(0, 0, 0, 0);

    /// The lower of each pair.
    public Timeouts over(Timeouts own) {
      return new Timeouts(
          lower(connectMillis, own.connectMillis()),
          lower(firstTokenMillis, own.firstTokenMillis()),
          lower(stallMillis, own.stallMillis()),
          lower(totalMillis, own.totalMillis()));
    }

    private static long lower(long ceiling, long own) {
      return ceiling == 0 ? own : Math.min(ceiling, own);
    }
  }
}
