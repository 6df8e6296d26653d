// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.FaultKind;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.Mirror;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Finds all problems of a snapshot at once. The control plane checks before it publishes. A
/// gateway checks before it installs a snapshot, and keeps its current one if the new one is
/// invalid.
public final class SnapshotCheck {
  /// The weight that means all requests.
  public static final int FULL_WEIGHT_MILLIONTHS = 1_000_000;

  /// Limits of generated requests: 50 per second, tokens of each, and characters of all prompts.
  private static final int MAX_MILLIHERTZ = 50_000;

  private static final int MAX_GENERATED_TOKENS = 4_096;

  private static final long MAX_GRADING_MILLIS = 600_000;
  private static final int MAX_PROMPTS = 65_536;
  private static final int MAX_RECORDINGS = 10_000;

  /// APIs, codes or texts of one engine.
  private static final int MAX_ENGINE_LIST = 64;

  private static final Pattern KEY_HASH = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern CREDENTIAL = Pattern.compile("|env:[A-Za-z_][A-Za-z0-9_]*|file:.+");
  private static final int MAX_PROBLEMS = 100;

  private final RoutingSnapshot snapshot;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> serviceIds = new HashSet<>();

  /// Services of an accepted snapshot, by identity: they have no problems of their own.
  private final Set<ServiceEntry> accepted = Collections.newSetFromMap(new IdentityHashMap<>());

  private SnapshotCheck(RoutingSnapshot snapshot, List<ServiceEntry> accepted) {
    this.snapshot = snapshot;
    this.accepted.addAll(accepted);
  }

  /// The problems, one line each with their location; empty if the snapshot is valid. At most 100
  /// are listed.
  public static List<String> problems(RoutingSnapshot snapshot) {
    return problems(snapshot, List.of());
  }

  /// Same, without checking the Services of an accepted snapshot again.
  ///
  /// @param before a snapshot without problems
  public static List<String> problems(RoutingSnapshot snapshot, RoutingSnapshot before) {
    return problems(snapshot, before.services());
  }

  private static List<String> problems(RoutingSnapshot snapshot, List<ServiceEntry> accepted) {
    var check = new SnapshotCheck(snapshot, accepted);
    check.head();
    check.keys();
    check.services();
    check.routes();
    return List.copyOf(check.problems);
  }

  private void head() {
    require(
        SnapshotFormats.READABLE.contains(snapshot.formatVersion()),
        "formatVersion",
        "is %d, not one of %s".formatted(snapshot.formatVersion(), SnapshotFormats.READABLE));
    require(snapshot.sequence() >= 1, "sequence", "is " + snapshot.sequence() + ", the first is 1");
    require(snapshot.revision() >= 0, "revision", "is negative: " + snapshot.revision());
    require(snapshot.leaseMillis() > 0, "leaseMillis", "is not above 0: " + snapshot.leaseMillis());
  }

  private void keys() {
    Set<String> seen = new HashSet<>();
    for (KeyEntry key : snapshot.keys()) {
      String where = "key of " + key.principal();
      require(KEY_HASH.matcher(key.hash()).matches(), where, "hash is not sha256:<64 hex digits>");
      require(seen.add(key.hash()), where, "appears twice");
      require(!key.tenant().isBlank(), where, "has no tenant");
      limits(where, key.limits());
    }
  }

  private void routes() {
    Set<String> seen = new HashSet<>();
    for (RouteEntry route : snapshot.routes()) {
      String where = "route " + route.model();
      require(!route.model().isBlank(), where, "has no model name");
      require(seen.add(route.model()), where, "appears twice");
      require(!route.route().isBlank(), where, "has no route");
      backends(where, route.backends());
      route.rules().forEach(rule -> backends(where + " rule", rule.backends()));
      Set<String> fallbacks = new HashSet<>();
      for (Fallback fallback : route.fallbacks()) {
        backend(where + " fallback", fallback.service(), fallbacks);
      }
      route.mirrors().forEach(mirror -> mirror(where + " mirror", mirror));
      ceilings(where, route.ceilings());
    }
  }

  private void ceilings(String where, Ceilings c) {
    require(
        c.connectMillis() >= 0
            && c.firstTokenMillis() >= 0
            && c.stallMillis() >= 0
            && c.totalMillis() >= 0,
        where,
        "ceilings must not be negative: " + c);
  }

  private void mirror(String where, Mirror mirror) {
    require(serviceIds.contains(mirror.service()), where, "unknown service " + mirror.service());
    require(
        mirror.shareMillionths() >= 0 && mirror.shareMillionths() <= FULL_WEIGHT_MILLIONTHS,
        where,
        "shareMillionths is not in 0 to 1000000: " + mirror.shareMillionths());
  }

  private void backends(String where, List<Backend> backends) {
    Set<String> services = new HashSet<>();
    for (Backend backend : backends) {
      backend(where, backend.service(), services);
      require(backend.weight() >= 0, where, "weight is negative: " + backend.weight());
    }
  }

  private void backend(String where, String service, Set<String> seen) {
    require(serviceIds.contains(service), where, "unknown service " + service);
    require(seen.add(service), where, "names " + service + " twice");
  }

  private void services() {
    Set<String> rollouts = new HashSet<>();
    for (ServiceEntry service : snapshot.services()) {
      String where = "service " + service.id();
      require(serviceIds.add(service.id()), where, "appears twice");
      if (!accepted.contains(service)) {
        service(where, service);
      }
      for (CanaryArm canary : service.canary()) {
        require(rollouts.add(canary.rollout()), where, "shares rollout " + canary.rollout());
      }
    }
  }

  private void service(String where, ServiceEntry service) {
    require(
        service.id().equals(service.namespace() + "/" + service.name()),
        where,
        "id is not " + service.namespace() + "/" + service.name());
    policy(where, service);
    Set<String> replicas = new HashSet<>();
    arm(where + " stable", service.stable(), replicas);
    service.canary().forEach(canary -> canary(where + " canary", service, canary, replicas));
  }

  private void policy(String where, ServiceEntry service) {
    Timeouts t = service.timeouts();
    require(
        t.connectMillis() > 0
            && t.firstTokenMillis() > 0
            && t.stallMillis() > 0
            && t.totalMillis() > 0,
        where,
        "timeouts must all be above 0: " + t);
    require(
        service.retryBudgetPercent() >= 0 && service.retryBudgetPercent() <= 100,
        where,
        "retryBudgetPercent is not in 0 to 100: " + service.retryBudgetPercent());
    require(service.maxAttempts() >= 1, where, "maxAttempts is below 1: " + service.maxAttempts());
    isolation(where, service.isolation());
    String header = service.sessionHeader();
    require(
        header.equals(header.toLowerCase(Locale.ROOT)),
        where,
        "sessionHeader is not lower case: " + header);
    admission(where, service.admission());
    int resumes = service.breaks().maxResumes();
    require(resumes >= 0 && resumes <= 10, where, "maxResumes is %d".formatted(resumes));
    Set<String> names = new HashSet<>();
    recording(where + " recording", service.recording());
    service.faults().forEach(fault -> fault(where + " fault " + fault.name(), fault, names));
  }

  private void fault(String where, FaultEntry fault, Set<String> names) {
    require(names.add(fault.name()), where, "appears twice");
    require(
        fault.shareMillionths() > 0 && fault.shareMillionths() <= FULL_WEIGHT_MILLIONTHS,
        where,
        "shareMillionths is not in 1 to 1000000: " + fault.shareMillionths());
    require(
        fault.delayMillis() >= 0 && fault.after() >= 0,
        where,
        "delayMillis and after must not be negative: " + fault);
    require(
        fault.kind() != FaultKind.ERROR || (fault.status() >= 400 && fault.status() <= 599),
        where,
        "status is not in 400 to 599: " + fault.status());
  }

  private void admission(String where, Admission admission) {
    limits(where, admission.limits());
    limits(where + " per tenant", admission.perTenant());
    require(
        admission.maxRunning() >= 0 && admission.waitForReplicaMillis() >= 0,
        where,
        "admission has a negative number: " + admission);
    require(
        admission.shares().values().stream().allMatch(weight -> weight > 0),
        where,
        "shares must all be above 0: " + admission.shares());
  }

  private void limits(String where, Limits limits) {
    require(
        limits.requestsPerMinute() >= 0
            && limits.tokensPerMinute() >= 0
            && limits.maxInFlight() >= 0,
        where,
        "limits must not be negative: " + limits);
  }

  private void isolation(String where, Isolation isolation) {
    require(
        isolation.consecutiveFailures() > 0
            && isolation.ejectionMillis() > 0
            && isolation.maxInFlight() > 0,
        where,
        "failures, times and requests of isolation must be above 0: " + isolation);
    require(
        isShare(isolation.maxEjectedPercent()) && isShare(isolation.panicPercent()),
        where,
        "shares of isolation are not in 0 to 100: " + isolation);
  }

  private static boolean isShare(int percent) {
    return percent >= 0 && percent <= 100;
  }

  private void canary(String where, ServiceEntry service, CanaryArm canary, Set<String> replicas) {
    arm(where, canary.arm(), replicas);
    require(
        !canary.arm().version().equals(service.stable().version()),
        where,
        "is the stable version " + service.stable().version());
    require(
        canary.weightMillionths() >= 0 && canary.weightMillionths() <= FULL_WEIGHT_MILLIONTHS,
        where,
        "weightMillionths is not in 0 to 1000000: " + canary.weightMillionths());
    require(
        canary.mirrorMillionths() >= 0 && canary.mirrorMillionths() <= FULL_WEIGHT_MILLIONTHS,
        where,
        "mirrorMillionths is not in 0 to 1000000: " + canary.mirrorMillionths());
    require(
        canary.weightMillionths() == 0
            || canary.mirrorMillionths() == 0
            || !canary.audience().isEmpty(),
        where,
        "answers %d millionths of all requests and copies %d: a selected request is not mirrored"
            .formatted(canary.weightMillionths(), canary.mirrorMillionths()));
    canary.audience().forEach(audience -> audience(where + " audience", audience));
    require(canary.step() >= 0, where, "step is negative: " + canary.step());
    require(!canary.rollout().isBlank(), where, "has no rollout");
    require(!canary.salt().isBlank(), where, "has no salt");
    generated(where + " generated", canary.generated());
    grading(where + " grading", canary.grading());
  }

  private void grading(String where, Grading grading) {
    require(
        grading.shareMillionths() >= 0 && grading.shareMillionths() <= FULL_WEIGHT_MILLIONTHS,
        where,
        "shareMillionths is not in 0 to 1000000: " + grading.shareMillionths());
    require(!grading.any() || !grading.judge().isBlank(), where, "has no judge");
    require(
        grading.maxTokens() >= 1 && grading.maxTokens() <= MAX_GENERATED_TOKENS,
        where,
        "maxTokens is not in 1 to %d: %d".formatted(MAX_GENERATED_TOKENS, grading.maxTokens()));
    require(
        grading.withinMillis() >= 1 && grading.withinMillis() <= MAX_GRADING_MILLIS,
        where,
        "withinMillis is not in 1 to %d: %d".formatted(MAX_GRADING_MILLIS, grading.withinMillis()));
    require(
        grading.instructions().length() <= MAX_PROMPTS,
        where,
        "instructions are longer than %d characters".formatted(MAX_PROMPTS));
  }

  private void recording(String where, Recording recording) {
    require(
        recording.sampleMillionths() >= 0 && recording.sampleMillionths() <= FULL_WEIGHT_MILLIONTHS,
        where,
        "sampleMillionths is not in 0 to 1000000: " + recording.sampleMillionths());
    require(
        recording.keep() >= 1 && recording.keep() <= MAX_RECORDINGS && recording.maxAgeMillis() > 0,
        where,
        "keep is not in 1 to %d, or maxAgeMillis not above 0: %d, %d"
            .formatted(MAX_RECORDINGS, recording.keep(), recording.maxAgeMillis()));
    require(
        CREDENTIAL.matcher(recording.key()).matches()
            && (recording.sampleMillionths() == 0 || !recording.key().isEmpty()),
        where,
        "key is not a reference env:NAME or file:PATH");
    recording.redact().forEach(redaction -> pattern(where, redaction.pattern()));
  }

  private void pattern(String where, String pattern) {
    try {
      Pattern _ = Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      require(false, where, "pattern is not a regular expression: " + e.getDescription());
    }
  }

  private void generated(String where, Generated generated) {
    require(
        Set.of(RequestSource.PROBES, RequestSource.RECORDED).contains(generated.stratum()),
        where,
        "stratum is " + generated.stratum());
    require(
        generated.millihertz() >= 0 && generated.millihertz() <= MAX_MILLIHERTZ,
        where,
        "millihertz is not in 0 to %d: %d".formatted(MAX_MILLIHERTZ, generated.millihertz()));
    require(
        generated.maxTokens() >= 1 && generated.maxTokens() <= MAX_GENERATED_TOKENS,
        where,
        "maxTokens is not in 1 to %d: %d".formatted(MAX_GENERATED_TOKENS, generated.maxTokens()));
    int characters = generated.prompts().stream().mapToInt(String::length).sum();
    require(
        characters <= MAX_PROMPTS && generated.prompts().stream().noneMatch(String::isBlank),
        where,
        "prompts are blank, or longer than %d characters in total".formatted(MAX_PROMPTS));
  }

  /// An audience without conditions would match all requests by accident; an empty list states that
  /// explicitly.
  private void audience(String where, Audience audience) {
    require(
        !audience.headers().isEmpty() || !audience.tenants().isEmpty(),
        where,
        "has neither headers nor tenants");
    for (String header : audience.headers().keySet()) {
      require(
          !header.isBlank() && header.equals(header.toLowerCase(Locale.ROOT)),
          where,
          "header is blank or not lower case: " + header);
    }
    require(audience.tenants().stream().noneMatch(String::isBlank), where, "has a blank tenant");
  }

  private void arm(String where, Arm arm, Set<String> names) {
    require(!arm.version().isBlank(), where, "has no version");
    arm.engine().ifPresent(engine -> engine(where + " engine", engine));
    for (ReplicaEntry replica : arm.replicas()) {
      String at = where + " replica " + replica.name();
      require(names.add(replica.name()), at, "appears twice");
      require(
          isBaseUrl(replica.url()),
          at,
          "url is not http(s)://host[:port][/path]: " + replica.url());
      require(!replica.engine().isBlank(), at, "has no engine");
      require(!replica.servedModel().isBlank(), at, "has no served model");
      // The message omits the value, because it may be a secret that a user entered by mistake.
      require(
          CREDENTIAL.matcher(replica.credential()).matches(),
          at,
          "credential is not a reference env:NAME or file:PATH");
    }
  }

  private void engine(String where, EngineCapabilities engine) {
    require(
        engine.apis().size() <= MAX_ENGINE_LIST
            && engine.apis().stream().allMatch(api -> api.startsWith("/")),
        where,
        "apis are not at most %d paths: %s".formatted(MAX_ENGINE_LIST, engine.apis()));
    require(
        engine.completionTokens() >= 0,
        where,
        "completionTokens is negative: " + engine.completionTokens());
    require(
        engine.contextCodes().size() <= MAX_ENGINE_LIST
            && engine.contextTexts().size() <= MAX_ENGINE_LIST,
        where,
        "has more than %d codes or texts".formatted(MAX_ENGINE_LIST));
    require(
        engine.contextTexts().stream()
            .allMatch(text -> !text.isBlank() && text.equals(text.toLowerCase(Locale.ROOT))),
        where,
        "contextTexts are blank or not lower case: " + engine.contextTexts());
  }

  private static boolean isBaseUrl(String url) {
    try {
      var uri = new URI(url);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && !url.endsWith("/");
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private void require(boolean holds, String where, String problem) {
    if (!holds && problems.size() < MAX_PROBLEMS) {
      problems.add(where + ": " + problem);
    }
  }
}
