// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The complete routing state that a gateway serves from: compiled, immutable, numbered.
///
/// The hash is not a field: it is the hex SHA-256 of the snapshot's encoded bytes (see
/// `SnapshotCodec`), so that a gateway can prove which snapshot it serves.
///
/// @param formatVersion in which it is encoded; readers accept their own version and the one before
/// @param sequence the snapshot's own number, rising; endpoints come and go without a resource
///   change
/// @param revision the newest resource revision that is compiled in
/// @param publishedAt by the control plane's clock; a gateway that *starts* from a snapshot older
///   than 24 h is not ready
/// @param store which store it was compiled from, and the head of its audit log, so that gateways
///   refuse the snapshots of another store and witness the log
/// @param leaseMillis how long a canary arm may be fed without a renewal
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

  /// A key that may call.
  ///
  /// @param hash `sha256:` and hex, of the whole key
  /// @param tenant the namespace that the key belongs to
  /// @param expiresAtMillis UTC epoch milliseconds, `Long.MAX_VALUE` for never
  /// @param models public model names it may call; empty means all routes of its tenant
  /// @param pinVersion may use `x-weir-version`
  /// @param limits of the key alone
  /// @param priority the highest of its requests, and theirs where they do not say
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

  /// How much may be asked for over all gateways; each takes its part. 0 means no limit.
  ///
  /// @param tokensPerMinute prompt and output together
  /// @param maxInFlight requests that run or wait at one time
  public record Limits(long requestsPerMinute, long tokensPerMinute, int maxInFlight) {
    public static final Limits NONE = new Limits(0, 0, 0);
  }

  /// What is let in to a Service.
  ///
  /// @param limits of the whole Service
  /// @param perTenant of each tenant at it
  /// @param shares weights by tenant, above 0; who is not named has 1
  /// @param maxRunning requests at replicas at one time over all gateways, 0 for no maximum; what
  ///   is more waits
  /// @param waitForReplicaMillis how long a request waits while no replica may be called, 0 for not
  ///   at all
  public record Admission(
      Limits limits,
      Limits perTenant,
      Map<String, Integer> shares,
      int maxRunning,
      long waitForReplicaMillis) {
    /// Everything is let in.
    public static final Admission OPEN = new Admission(Limits.NONE, Limits.NONE, Map.of(), 0, 0);

    public Admission {
      shares = Map.copyOf(shares);
    }
  }

  /// A public model name.
  ///
  /// @param model what clients send; unique in the snapshot
  /// @param backends service ids (`namespace/name`) with relative weights; weight 0 gets nothing
  /// @param route the model name of the Route that this is a name of: its own, unless it is an
  ///   alias
  /// @param rules who goes elsewhere; the first that fits wins
  /// @param fallbacks who is asked, in this order, where the chosen service cannot answer
  /// @param mirrors at most one that gets copies
  /// @param ceilings above which no service's timeouts count for requests under this name
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

    /// A name of its own, for everybody alike, without fallbacks, mirror and ceilings.
    public RouteEntry(String model, String tenant, List<Backend> backends) {
      this(model, tenant, backends, model, List.of(), List.of(), List.of(), Ceilings.NONE);
    }

    /// The same under another name.
    public RouteEntry as(String alias) {
      return new RouteEntry(alias, tenant, backends, route, rules, fallbacks, mirrors, ceilings);
    }
  }

  /// Fits a request that has all the headers and is of one of the tenants.
  ///
  /// @param headers by lower-case name; none fits any request
  /// @param tenants none fits any
  public record Rule(Map<String, String> headers, List<String> tenants, List<Backend> backends) {
    public Rule {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
      backends = List.copyOf(backends);
    }
  }

  /// @param service id (`namespace/name`)
  /// @param on the causes for which it is asked
  public record Fallback(String service, List<Cause> on) {
    public Fallback {
      on = List.copyOf(on);
    }
  }

  /// Gets copies of requests; their answers are discarded.
  ///
  /// @param service id (`namespace/name`)
  /// @param shareMillionths of the requests, 0 to 1,000,000
  public record Mirror(String service, int shareMillionths) {}

  /// Why a service did not answer.
  public enum Cause {
    /// No replica, none that can be reached, or all that were asked failed.
    DOWN,
    /// It is full, or its limits are reached.
    SATURATED,
    /// The request has more tokens than the model takes.
    CONTEXT_TOO_LONG
  }

  public record Backend(String service, int weight) {}

  /// A Service with the versions that serve it now.
  ///
  /// @param id `namespace/name`
  /// @param stable the arm that always may serve
  /// @param canary at most one arm under test
  /// @param sessionHeader lower-case header that names a session beside `x-weir-session`, or empty
  /// @param admission who is let in, and when
  /// @param isolation how failures of one replica are kept from the rest
  /// @param breaks what becomes of streams that break
  /// @param faults that are injected on purpose
  /// @param recording which requests gateways keep to ask them again
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

    /// A service that lets everything in, with the usual isolation.
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

    /// The same with other rules of admission.
    public ServiceEntry with(Admission other) {
      return with(canary, other, isolation, breaks, faults, recording);
    }

    /// The same with another isolation.
    public ServiceEntry with(Isolation other) {
      return with(canary, admission, other, breaks, faults, recording);
    }

    /// The same with other rules for streams that break.
    public ServiceEntry with(Breaks other) {
      return with(canary, admission, isolation, other, faults, recording);
    }

    /// The same with other faults.
    public ServiceEntry with(List<FaultEntry> other) {
      return with(canary, admission, isolation, breaks, other, recording);
    }

    /// The same with other rules of recording.
    public ServiceEntry with(Recording other) {
      return with(canary, admission, isolation, breaks, faults, other);
    }

    /// The same with another canary, or none.
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

  /// What a gateway keeps of clients' requests, redacted and encrypted, to ask them again.
  ///
  /// @param sampleMillionths share of the requests, 0 to 1,000,000
  /// @param keep how many at most, the newest, 1 to 10,000
  /// @param maxAgeMillis of the oldest, above 0
  /// @param key where the gateway finds the key, `env:NAME` or `file:PATH`: 32 bytes in base64;
  ///   empty where nothing is recorded, and never the key
  /// @param redact the user's own, in this order, before those that Weir knows
  public record Recording(
      int sampleMillionths, int keep, long maxAgeMillis, String key, List<Redaction> redact) {
    /// Nothing is kept, and what was is deleted.
    public static final Recording NONE = new Recording(0, 1, 1, "", List.of());

    public Recording {
      redact = List.copyOf(redact);
    }
  }

  /// @param pattern in Java's regular expressions
  /// @param replacement as it stands
  public record Redaction(String pattern, String replacement) {}

  /// How a gateway keeps the failures of a replica, and a flood of requests, from everything else.
  ///
  /// @param consecutiveFailures failures in a row that open a replica's breaker, above 0
  /// @param ejectionMillis how long it is open the first time, above 0; each time longer
  /// @param maxEjectedPercent share of an arm's replicas that may be left out for it, 0 to 100; one
  ///   may always
  /// @param panicPercent when a smaller share of an arm's replicas would be left, none is left out,
  ///   0 to 100
  /// @param maxInFlight requests of the service under way in one gateway, above 0
  public record Isolation(
      int consecutiveFailures,
      long ejectionMillis,
      int maxEjectedPercent,
      int panicPercent,
      int maxInFlight) {
    public static final Isolation DEFAULT = new Isolation(5, 10_000, 10, 50, 4_096);
  }

  /// What becomes of streams that break in their middle.
  ///
  /// @param maxResumes how often one stream is continued, 0 to 10
  /// @param doneAfterError an error event is followed by the mark of a whole answer, for clients
  ///   that wait for it
  /// @param fromTokens engines are asked for token ids, from which a stream is continued where they
  ///   are told; else from its text
  public record Breaks(int maxResumes, boolean doneAfterError, boolean fromTokens) {
    public static final Breaks DEFAULT = new Breaks(3, false, false);
  }

  /// A fault that is injected on purpose, under the same lease as a canary is fed.
  ///
  /// @param name unique in the snapshot together with its service
  /// @param replica the only one that has it, empty for all
  /// @param version `model@version`, the only one that has it, empty for all
  /// @param real whether it also strikes replicas whose engine is not simulated
  /// @param shareMillionths of the attempts, above 0 and at most 1,000,000
  /// @param status of kind `ERROR`
  /// @param delayMillis of kind `DELAY`
  /// @param after events, of kinds `STALL` and `CUT`
  /// @param effect what it does, in words for people
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

  /// What goes wrong with an attempt.
  public enum FaultKind {
    /// It is answered with an error status; the replica is not asked.
    ERROR,
    /// The replica is asked late.
    DELAY,
    /// The answer goes silent in its middle.
    STALL,
    /// The answer is cut off in its middle.
    CUT
  }

  /// One version and the replicas that may be called.
  ///
  /// @param version `model@version`
  public record Arm(String version, List<ReplicaEntry> replicas) {
    public Arm {
      replicas = List.copyOf(replicas);
    }
  }

  /// A version under test: gets the units whose hash falls below the weight, while its lease runs.
  /// A request that the weight selects is not mirrored: with a weight of 100 % none is.
  ///
  /// @param rollout id (`namespace/name`) that telemetry records are tagged with
  /// @param step the rollout's step; a new step starts a new set of sessions
  /// @param salt of the hash
  /// @param weightMillionths share of the audience's units that it answers, 0 to 1,000,000
  /// @param observed whether per-request records are wanted
  /// @param audience who the step is for, everybody that one of these fits; empty means everybody.
  ///   The rest goes to the stable version
  /// @param mirrorMillionths share of the units that the stable version answers and this one gets a
  ///   copy of, 0 to 1,000,000: of the audience's, or, where these are drawn by a weight above 0,
  ///   of all others. The copy's answer is measured and thrown away
  /// @param generated what gateways ask both arms themselves
  /// @param grading who grades a sample of both arms' answers
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

    /// One whose answers nobody grades.
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

    /// One that nothing is generated for.
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

    /// One for everybody that gets no copies.
    public CanaryArm(
        Arm arm, String rollout, int step, String salt, int weightMillionths, boolean observed) {
      this(arm, rollout, step, salt, weightMillionths, observed, List.of(), 0);
    }

    /// The same for these only.
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

    /// The same as a shadow: it answers nobody and gets copies of this share of the units.
    public CanaryArm shadowing(int millionths) {
      return new CanaryArm(
          arm, rollout, step, salt, 0, observed, audience, millionths, generated, grading);
    }

    /// The same, and gateways ask both arms by themselves.
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

    /// The same, and a sample of both arms' answers is graded.
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

  /// Fits a request that has all the headers and is of one of the tenants.
  ///
  /// @param headers by lower-case name; none fits any request
  /// @param tenants none fits any
  public record Audience(Map<String, String> headers, List<String> tenants) {
    public Audience {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
    }
  }

  /// Requests that gateways make themselves, of the canary and of the stable version in halves, to
  /// reach a sample that clients are too few for. The answers are discarded.
  ///
  /// @param stratum what is asked: `PROBES` or `RECORDED`
  /// @param millihertz requests in 1000 s over all gateways together, 0 for none; each makes its
  ///   part
  /// @param completions whether probes are completions; else they are chats
  /// @param prompts of probes, in the user's words; empty for the gateway's own
  /// @param maxTokens limit on the output of each
  public record Generated(
      RequestSource stratum,
      int millihertz,
      boolean completions,
      List<String> prompts,
      int maxTokens) {
    /// Nothing is asked.
    public static final Generated NONE =
        new Generated(RequestSource.PROBES, 0, false, List.of(), 1);

    /// The canary's share of what is generated.
    public static final int HALF_MILLIONTHS = 500_000;

    public Generated {
      prompts = List.copyOf(prompts);
    }

    /// Whether there is anything to ask.
    public boolean any() {
      return millihertz > 0;
    }
  }

  /// How a sample of the answers of a release is graded: gateways put question and answer to a
  /// judge, which is a service like any other and is not told whose answer it is.
  ///
  /// @param judge id of the service, `namespace/name`; it speaks OpenAI's chat API
  /// @param shareMillionths of the requests that count, drawn before anything is known of their
  ///   answers; 0 for none
  /// @param instructions what makes an answer good, in the user's words; empty for the gateway's
  ///   own
  /// @param maxTokens limit on what the judge may say
  /// @param withinMillis from an answer's end to its grade; what comes later does not count
  public record Grading(
      String judge, int shareMillionths, String instructions, int maxTokens, long withinMillis) {
    /// Nobody grades.
    public static final Grading NONE = new Grading("", 0, "", 1, 1);

    /// Whether there is anything to grade.
    public boolean any() {
      return shareMillionths > 0;
    }
  }

  /// One replica.
  ///
  /// @param name unique in the snapshot together with its service
  /// @param url base URL without a trailing slash, for example `http://127.0.0.1:9001`
  /// @param engine type of the engine, lower case; decides the paths that may be called
  /// @param servedModel what the engine calls the model; the request's `model` is rewritten only
  ///   where it differs
  /// @param credential where the gateway finds what it must show the replica, `env:NAME` or
  ///   `file:PATH`, read by the gateway at the last moment; empty for none, and never the secret
  /// @param caFile path of the authorities that its certificate is checked with, at the gateway;
  ///   empty for Java's own
  /// @param serverName the name that its certificate must have, also sent as `Host`; empty for the
  ///   URL's host
  public record ReplicaEntry(
      String name,
      String url,
      String engine,
      String servedModel,
      String credential,
      String caFile,
      String serverName) {
    /// A replica that asks for no credential.
    public ReplicaEntry(String name, String url, String engine, String servedModel) {
      this(name, url, engine, servedModel, "", "", "");
    }
  }

  /// All in milliseconds, all above 0.
  public record Timeouts(
      long connectMillis, long firstTokenMillis, long stallMillis, long totalMillis) {}

  /// Timeouts that a route sets below those of its services, in milliseconds, 0 for none. They only
  /// lower: horizons of a release and deadlines of a drain are made of the service's own.
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
