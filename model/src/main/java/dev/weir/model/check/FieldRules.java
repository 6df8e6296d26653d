// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.engine.EngineMetric;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.engine.ErrorPatterns;
import dev.weir.model.notation.Durations;
import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.spec.ModelSpec;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.RecordingSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.SloSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Quantity;
import dev.weir.model.value.SecretDetector;
import dev.weir.model.view.FaultRequest;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The constraints on single fields, in the order of the records.
public final class FieldRules {
  /// An RFC 1123 label: the form of resource names.
  static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private static final FieldRule NAME =
      matching(
          LABEL,
          "1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends");
  private static final FieldRule SERVICE_NAME =
      matching(
          Pattern.compile("(%1$s/)?%1$s".formatted(LABEL.pattern())),
          "the name of a Service, with its namespace and / in front if that is another");
  private static final FieldRule DIGEST =
      matching(Pattern.compile("sha256:[0-9a-f]{64}"), "`sha256:` and 64 lower-case hex digits");
  private static final FieldRule LINE =
      matching(Pattern.compile("[^\\p{Cntrl}]{1,256}"), "one line of 1 to 256 characters");
  private static final FieldRule PARAGRAPH =
      matching(Pattern.compile("(?s).{1,4096}"), "1 to 4096 characters");
  private static final FieldRule ARGUMENT =
      matching(Pattern.compile("[^\\x00]{0,32768}"), "at most 32768 characters, none of them NUL");
  private static final FieldRule ENDPOINT =
      single(
          "a base URL such as http://10.0.0.7:8000, or dns+http://name:8000 for all addresses of a"
              + " name: http, https, dns+http or dns+https, a host, no user, query or fragment",
          value -> value instanceof URI uri && baseUrl(uri));
  private static final FieldRule SERVER_ADDRESS =
      single(
          "the address of a server: link-local (169.254.0.0/16, fe80::/10), metadata, unspecified"
              + " and multicast addresses are not allowed",
          value ->
              !(value instanceof URI uri)
                  || uri.getHost() == null
                  || ForbiddenAddresses.literal(uri.getHost()).isEmpty());
  private static final FieldRule PLAIN =
      single(
          "a URL that all programs parse the same: its host a name, four decimal numbers such as"
              + " 10.0.0.7, or an IPv6 address in brackets, its path without . or .. segments",
          value -> value instanceof URI uri && PlainUrl.isPlain(uri));
  private static final FieldRule CALLED =
      new FieldRule.Unshown(
          single(
              "a URL such as https://example.com/hooks: http or https, a host, no user, fragment"
                  + " or secret; put secrets in credential",
              value -> value instanceof URI uri && called(uri)));
  private static final FieldRule SERVER_NAME =
      single(
          "the name or address of a permitted server",
          value ->
              value instanceof String host
                  && PlainUrl.isPlainHost(host)
                  && ForbiddenAddresses.literal(host).isEmpty());
  private static final FieldRule MAIL_ADDRESS =
      matching(
          Pattern.compile("[^\\s@\\p{Cntrl}<>]{1,64}@[^\\s@\\p{Cntrl}<>]{1,255}"), "an address");
  private static final FieldRule REFERENCE =
      new FieldRule.Unshown(
          matching(
              Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]{0,255}|file:/[^\\p{Cntrl}]{1,1024}"),
              "a reference to a secret, never the secret: env:NAME, or file: and an absolute"
                  + " path"));
  private static final FieldRule TIME_OF_DAY =
      matching(Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]"), "HH:MM, such as 22:00");
  private static final FieldRule END_OF_TIME =
      matching(Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]|24:00"), "HH:MM, 24:00 at most");
  private static final FieldRule TIME_ZONE =
      single(
          "a time zone such as Europe/Berlin, America/New_York or UTC",
          value -> value instanceof String id && ZoneId.getAvailableZoneIds().contains(id));
  private static final FieldRule FILE =
      matching(Pattern.compile("/[^\\p{Cntrl}]{1,1024}"), "an absolute path");

  /// Without a query, and without anything that servers decode differently.
  private static final String PATH = "(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,126}){1,8}";

  private static final FieldRule CALLED_PATH =
      matching(Pattern.compile(PATH), "a path such as /health, without query and dot segments");
  private static final FieldRule PATH_OR_NONE =
      matching(
          Pattern.compile("(" + PATH + ")?"),
          "a path such as /health, without query and dot segments, or empty for none");
  private static final FieldRule METRIC_NAME =
      matching(Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]{0,255}"), "the name of a metric");
  private static final FieldRule LABEL_NAME =
      matching(Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]{0,127}"), "the name of a label");
  private static final FieldRule ENGINE_VERSION =
      matching(
          Pattern.compile("[vb]?[0-9]{1,9}([.][0-9]{1,9}){0,2}"),
          "a version such as \"0.9\", v1.2.3 or b5440");
  private static final FieldRule LOWER_CASE_LINE =
      matching(
          Pattern.compile("[^\\p{Cntrl}\\p{Lu}]{3,256}"),
          "one line of 3 to 256 characters without capital letters");
  private static final FieldRule DISTINCT =
      single(
          "a list without duplicates",
          value -> value instanceof List<?> items && new HashSet<>(items).size() == items.size());

  private static final FieldRule PUBLIC_NAME =
      matching(Pattern.compile("[^\\s\\p{Cntrl}]{1,256}"), "1 to 256 characters without spaces");

  /// Routing must not depend on a secret, because every viewer can read the rules.
  private static final FieldRule ROUTING_HEADER =
      matching(
          Pattern.compile(
              "(?!(authorization|proxy-authorization|x-api-key|cookie)$)[a-z0-9][-_a-z0-9]{0,127}"),
          "the name of a header in lower case, except headers that carry credentials");

  /// A label of a host name that TLS accepts, so without underscores.
  private static final String HOST_LABEL = "[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?";

  private static final FieldRule HOST_NAME =
      matching(
          Pattern.compile("(?=.{1,253}$)" + HOST_LABEL + "(\\." + HOST_LABEL + ")*"),
          "a host name such as vllm.example.com");

  private static final FieldRule SOME =
      single("above 0%", value -> value instanceof Percentage p && p.percent().signum() > 0);

  private static final Map<Class<? extends Record>, Map<String, List<FieldRule>>> RULES = build();

  private FieldRules() {}

  /// The rules of a field; empty for most fields.
  public static List<FieldRule> of(Class<?> type, String field) {
    return RULES.getOrDefault(type, Map.of()).getOrDefault(field, List.of());
  }

  private static Map<Class<? extends Record>, Map<String, List<FieldRule>>> build() {
    Table table = new Table();
    table.on(Metadata.class).put("name", NAME).put("labels", entries(LINE, ARGUMENT), sized(0, 64));
    table
        .put("annotations", entries(LINE, ARGUMENT), sized(0, 64))
        .put("revision", whole(0, Long.MAX_VALUE));
    registry(table);
    service(table);
    promises(table);
    release(table);
    places(table);
    access(table);
    faults(table.on(FaultRequest.class));
    alerts(table);
    policies(table);
    return table.rules;
  }

  private static void registry(Table table) {
    table.on(ModelSpec.class).put("owner", LINE).put("licence", LINE);
    table.put("dataClassification", LINE).put("riskTier", LINE).put("intendedUse", PARAGRAPH);
    table.put("contacts", each(LINE), sized(0, 64));
    table.on(ModelVersionSpec.class).put("model", NAME).put("version", NAME);
    table.put("startupTimeout", time(Duration.ofHours(24))).put("servedModel", LINE);
    table.on(ModelVersionSpec.SourceSpec.class).put("digest", DIGEST);
    table.put(
        "uri",
        matching(
            Pattern.compile("[a-z][a-z0-9+.-]*:[^\\p{Cntrl} ]{1,2000}"),
            "a URI with its scheme, for example hf://acme/chat@3f2c1d0"),
        single(
            "without a password or token in it: Weir stores no secrets",
            value -> !(value instanceof String text) || !SecretDetector.inUrl(text)));
    table.on(ModelVersionSpec.AcceleratorSpec.class).put("type", LINE).put("count", whole(1, 1024));
    table.put(
        "memory", single("more than 0", value -> value instanceof Quantity q && q.bytes() > 0));
    table.on(ModelVersionSpec.LineageSpec.class).put("commit", LINE).put("trainingRun", LINE);
    table.put("createdBy", LINE);
    table.on(EngineSpec.class).put("command", each(ARGUMENT), sized(0, 512));
    table.put("args", each(ARGUMENT), sized(0, 512)).put("image", LINE);
    table.put(
        "env",
        entries(
            matching(
                Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,255}"),
                "a variable's name: letters, digits and underscores, no digit first"),
            ARGUMENT),
        sized(0, 256));
    engine(table);
  }

  private static void engine(Table table) {
    table.on(EngineProfileSpec.class).put("apis", sized(1, 32), DISTINCT);
    table.put("resume", DISTINCT).put("completionTokens", whole(0, 1_000_000));
    table.put("healthPath", CALLED_PATH).put("versionPaths", each(CALLED_PATH), sized(0, 8));
    table.put("versionField", LINE).put("sleepPath", PATH_OR_NONE).put("sleepField", LINE);
    table.put("loadedModelsPath", PATH_OR_NONE).put("metricsPath", CALLED_PATH);
    table.put("metrics", new FieldRule.Entries(Optional.empty(), Optional.of(sized(1, 8))));
    table.put("metricsPartLabels", each(LABEL_NAME), sized(0, 8));
    table.put("metricsHint", matching(Pattern.compile("[^\\p{Cntrl}]{0,256}"), "one line"));
    table.on(EngineMetric.class).put("name", METRIC_NAME);
    table.put("labels", entries(LABEL_NAME, ARGUMENT), sized(0, 8));
    table.put("since", ENGINE_VERSION).put("until", ENGINE_VERSION);
    table.on(ErrorPatterns.class).put("codes", each(LINE), sized(0, 32));
    table.put("texts", each(LOWER_CASE_LINE), sized(0, 32));
  }

  private static void service(Table table) {
    table.on(ServiceSpec.class).put("placements", sized(1, 64));
    table.on(ServiceSpec.LendSpec.class).put("replicas", whole(0, 1000));
    table.put("priority", whole(-1000, 1000));
    table.on(ServiceSpec.Placement.class).put("target", NAME).put("replicas", whole(0, 1000));
    table.put(
        "endpoints",
        new FieldRule.Entries(Optional.empty(), Optional.of(sized(1, 1000))),
        new FieldRule.Entries(Optional.empty(), Optional.of(each(ENDPOINT))),
        new FieldRule.Entries(Optional.empty(), Optional.of(each(PLAIN))),
        new FieldRule.Entries(Optional.empty(), Optional.of(each(SERVER_ADDRESS))));
    table.on(ServiceSpec.TrafficSpec.class);
    table.put(
        "sessionHeader",
        matching(
            Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}"), "the name of an HTTP header"));
    table.put("maxInFlight", whole(1, 1_000_000));
    table.put("maxResumes", whole(0, 10));
    timeouts(table.on(ServiceSpec.Timeouts.class));
    table
        .on(ServiceSpec.Retries.class)
        .put("budget", percent(100))
        .put("maxAttempts", whole(1, 10));
    limits(table.on(Limits.class));
    limits(table.on(ServiceSpec.TenantLimits.class));
    table.put("share", entries(NAME, whole(1, 1000)), sized(0, 1000));
    table.on(ServiceSpec.Concurrency.class).put("max", whole(0, 1_000_000));
    table.put("waitForReplica", timeOrNone(Duration.ofHours(1)));
    table
        .on(ServiceSpec.Breaker.class)
        .put("consecutiveFailures", whole(1, 1000))
        .put("baseEjectionTime", time(Duration.ofMinutes(5)))
        .put("maxEjected", percent(100))
        .put("panicThreshold", percent(100));
    table.on(RouteSpec.class).put("model", PUBLIC_NAME).put("backends", sized(1, 64));
    table.put("aliases", each(PUBLIC_NAME), sized(0, 64)).put("rules", sized(0, 64));
    table.put("fallbacks", sized(0, 8));
    table.on(RouteSpec.Rule.class).put("headers", entries(ROUTING_HEADER, LINE), sized(0, 8));
    table.put("tenants", each(NAME), sized(0, 256)).put("backends", sized(1, 64));
    timeouts(table.on(RouteSpec.Ceilings.class));
    table.on(RouteSpec.Mirror.class).put("service", NAME).put("share", percent(100));
    table.on(RouteSpec.Fallback.class).put("service", NAME).put("on", sized(1, 3));
    table.on(RouteSpec.Backend.class).put("service", NAME).put("weight", whole(0, 1000));
  }

  private static void timeouts(Table table) {
    for (String field : List.of("connect", "firstToken", "stall", "total")) {
      table.put(field, time(Duration.ofHours(24)));
    }
  }

  private static void promises(Table table) {
    table.on(SloSpec.class);
    table.put(
        "availability",
        single(
            "at least 50% and below 100%",
            value ->
                value instanceof Percentage share
                    && share.compareTo(Percentage.of(50)) >= 0
                    && share.compareTo(Percentage.of(100)) < 0));
    table.on(SloSpec.LatencyObjective.class).put("p95", time(Duration.ofHours(1)));
  }

  private static void limits(Table table) {
    table.put("requestsPerMinute", whole(0, 1_000_000_000));
    table.put("tokensPerMinute", whole(0, 1_000_000_000_000L));
    table.put("maxInFlight", whole(0, 1_000_000));
  }

  private static void release(Table table) {
    table.on(ReleaseSpec.class).put("steps", sized(0, 64));
    table.put("after", each(SERVICE_NAME), sized(0, 16));
    table.put("maxWait", time(Duration.ofDays(30))).put("rollbackWindow", whole(0, 50));
    table.on(ReleaseSpec.Step.class).put("match", sized(0, 32));
    table.put(
        "weight",
        single("above 0 and at most 100", v -> v instanceof Double d && d > 0 && d <= 100));
    table.put("pause", time(Duration.ofDays(7)));
    table.on(ReleaseSpec.RampSpec.class).put("weights", sized(1, 64));
    table.put("max", between(0, 100)).put("minDwell", dwell());
    table.put("exposure", between(0, 1_000_000));
    table.on(ReleaseSpec.StepMetric.class).put("margin", percent(10_000));
    table.on(ReleaseSpec.Match.class);
    table.put("headers", entries(ROUTING_HEADER, LINE), sized(0, 8));
    table.put("tenants", each(NAME), sized(0, 256));
    table.on(ReleaseSpec.BakeSpec.class).put("duration", timeOrNone(Duration.ofDays(7)));
    table.put("holdback", percent(50));
    table.on(ReleaseSpec.BlueGreenSpec.class).put("preview", sized(0, 32));
    table.put("mirror", percent(100)).put("keepFor", timeOrNone(Duration.ofDays(7)));
    table.on(ReleaseSpec.RollingSpec.class).put("maxSurgeGpus", whole(0, 10_000));
    table.put("maxUnavailableGpus", whole(0, 10_000)).put("settle", time(Duration.ofHours(24)));
    table.on(ReleaseSpec.ShadowSpec.class).put("sample", percent(100));
    table.on(ReleaseSpec.AnalysisSpec.class).put("alpha", between(0, 1)).put("beta", between(0, 1));
    table.put("minStepDuration", time(Duration.ofDays(7)));
    table.put("maxStepDuration", time(Duration.ofDays(30)));
    table.put("maxDuration", time(Duration.ofDays(30)));
    table.on(ReleaseSpec.MetricSpec.class);
    table.put(
        "weight", single("above 0 and at most 1", v -> v instanceof Double d && d > 0 && d <= 1));
    table.put("tolerance", percent(10_000)).put("margin", percent(10_000));
    table.put("external", sized(0, 16));
    table.on(ReleaseSpec.ExternalMetric.class).put("name", NAME);
    table.put(
        "successCondition",
        matching(
            Pattern.compile("(<=|>=|==|!=|<|>) ?-?[0-9]{1,15}([.][0-9]{1,15})?(e-?[0-9]{1,2})?"),
            "an operator (<, <=, >, >=, ==, !=) and a number, such as `< 0.05`"));
    table.put("interval", time(Duration.ofHours(24))).put("count", whole(1, 10_000));
    table.put("failureLimit", whole(0, 10_000)).put("inconclusiveLimit", whole(0, 10_000));
    table.put("consecutiveErrorLimit", whole(0, 10_000));
    table
        .on(ReleaseSpec.PrometheusQuery.class)
        .put("url", CALLED, new FieldRule.Unshown(PLAIN), SERVER_ADDRESS);
    table.put("query", PARAGRAPH).put("credential", REFERENCE);
    generated(table.on(GeneratedTraffic.class));
    grading(table.on(GradingSpec.class));
    recording(table.on(RecordingSpec.class));
    table.on(RolloutSpec.class).put("service", NAME).put("salt", LINE).put("specHash", LINE);
    table.put("firstTokenTimeout", time(Duration.ofHours(24)));
    table.put("totalTimeout", time(Duration.ofHours(24)));
  }

  private static void generated(Table table) {
    table.put(
        "rate",
        new FieldRule.Single(
            "above 0 and at most 50",
            value -> value instanceof Double rate && rate > 0 && rate <= 50,
            Map.of("exclusiveMinimum", 0L, "maximum", 50L)));
    table.put(
        "prompts",
        each(
            single(
                "1 to 8192 characters, not all of them blank",
                value ->
                    value instanceof String text && !text.isBlank() && text.length() <= 8_192)),
        sized(0, 64));
    table.put("maxTokens", whole(1, 4_096));
  }

  private static void grading(Table table) {
    table.put("judge", NAME).put("sample", percent(100), SOME);
    table.put(
        "instructions",
        single(
            "at most 8192 characters",
            value -> value instanceof String text && text.length() <= 8_192));
    table.put("within", time(Duration.ofMinutes(10))).put("maxTokens", whole(1, 4_096));
  }

  private static void recording(Table table) {
    table.put("sample", percent(100), SOME);
    table.put("keep", whole(1, 10_000)).put("maxAge", time(Duration.ofDays(90)));
    table.put("key", REFERENCE).put("redact", sized(0, 16));
    table.on(RecordingSpec.Redaction.class);
    table.put(
        "pattern",
        single(
            "a regular expression of 1 to 256 characters",
            value -> value instanceof String text && isPattern(text)));
    table.put(
        "replacement",
        single(
            "at most 64 characters", value -> value instanceof String text && text.length() <= 64));
  }

  private static boolean isPattern(String text) {
    try {
      return !text.isEmpty() && text.length() <= 256 && Pattern.compile(text) != null;
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  private static void places(Table table) {
    table.on(TargetSpec.class).put("region", LINE).put("cloud", LINE).put("environment", LINE);
    table.put(
        "capacity",
        new FieldRule.Entries(Optional.of(LINE), Optional.of(whole(0, 1_000_000))),
        sized(0, 64));
    table.put(
        "pricePerGpuHour",
        single(
            "from 0 to 10000 US dollars per accelerator-hour",
            value -> value instanceof Double price && price >= 0 && price <= 10_000));
    table.put("allowedCommands", each(LINE), sized(0, 256)).put("credential", REFERENCE);
    table.on(TargetSpec.TlsSpec.class).put("caFile", FILE).put("serverName", HOST_NAME);
  }

  private static void access(Table table) {
    table.on(PrincipalSpec.class).put("displayName", LINE);
    table.put("email", MAIL_ADDRESS);
    table.on(RoleBindingSpec.class).put("principal", NAME);
    table.on(ApiKeySpec.class).put("principal", NAME).put("hash", DIGEST);
    table.put("hint", matching(Pattern.compile("[!-~]{0,16}"), "at most 16 printable characters"));
    table.put("models", each(LINE), sized(0, 256));
  }

  private static void alerts(Table table) {
    table
        .on(AlertChannelSpec.class)
        .put("url", CALLED, new FieldRule.Unshown(PLAIN), SERVER_ADDRESS);
    table.put("credential", REFERENCE).put("events", sized(0, 32));
    table.put("namespaces", each(NAME), sized(0, 256)).put("services", each(NAME), sized(0, 256));
    table.on(AlertChannelSpec.SmtpSpec.class).put("host", HOST_NAME, SERVER_NAME);
    table.put("port", whole(1, 65_535)).put("from", MAIL_ADDRESS);
    table.put("to", each(MAIL_ADDRESS), sized(1, 64)).put("username", LINE);
  }

  private static void policies(Table table) {
    table.on(PolicySpec.class).put("namespaces", each(NAME), sized(0, 256));
    table.put("freeze", sized(0, 64));
    table.on(PolicySpec.Freeze.class).put("name", NAME);
    table.on(PolicySpec.Weekly.class).put("days", sized(0, 7)).put("from", TIME_OF_DAY);
    table.put("to", END_OF_TIME).put("timezone", TIME_ZONE);
    table.on(PolicySpec.ConcurrentRollouts.class).put("perTarget", whole(0, 1000));
    table.put("total", whole(0, 10_000)).put("whilePaused", time(Duration.ofDays(7)));
  }

  private static void faults(Table table) {
    table.put("target", LINE).put("version", NAME);
    table.put(
        "share",
        percent(100),
        single("above 0%", value -> value instanceof Percentage p && p.percent().signum() > 0));
    table.put(
        "status",
        single(
            "429, or from 500 to 599",
            value -> value instanceof Integer n && (n == 429 || (n >= 500 && n <= 599))));
    table.put("delay", time(FaultRequest.LONGEST));
    table.put("after", whole(0, 1_000_000)).put("duration", time(FaultRequest.LONGEST));
  }

  private static FieldRule.Single single(String wanted, Predicate<Object> holds) {
    return new FieldRule.Single(wanted, holds, Map.of());
  }

  private static FieldRule matching(Pattern pattern, String wanted) {
    return new FieldRule.Single(
        wanted, value -> value instanceof String text && pattern.matcher(text).matches(), Map.of());
  }

  private static FieldRule whole(long least, long most) {
    return new FieldRule.Single(
        most == Long.MAX_VALUE ? least + " or more" : "from " + least + " to " + most,
        value -> value instanceof Number n && n.longValue() >= least && n.longValue() <= most,
        most == Long.MAX_VALUE
            ? Map.of("minimum", least)
            : Map.of("minimum", least, "maximum", most));
  }

  private static FieldRule between(long above, long below) {
    return new FieldRule.Single(
        "above " + above + " and below " + below,
        value -> value instanceof Double number && number > above && number < below,
        Map.of("exclusiveMinimum", above, "exclusiveMaximum", below));
  }

  private static FieldRule percent(int most) {
    return single(
        "at most " + most + "%",
        value -> value instanceof Percentage share && share.compareTo(Percentage.of(most)) <= 0);
  }

  private static FieldRule time(Duration most) {
    return single(
        "longer than 0s and at most " + Durations.print(most),
        value -> value instanceof Duration time && time.isPositive() && time.compareTo(most) <= 0);
  }

  private static FieldRule dwell() {
    Duration least = Duration.ofSeconds(5);
    Duration most = Duration.ofDays(7);
    return single(
        "%s to %s".formatted(Durations.print(least), Durations.print(most)),
        value ->
            value instanceof Duration time
                && time.compareTo(least) >= 0
                && time.compareTo(most) <= 0);
  }

  private static FieldRule timeOrNone(Duration most) {
    return single(
        "0s to " + Durations.print(most),
        value -> value instanceof Duration time && !time.isNegative() && time.compareTo(most) <= 0);
  }

  private static FieldRule sized(int least, int most) {
    return single(
        (least == 0 ? "at most " : least + " to ") + most + " long",
        value -> sizeOf(value) >= least && sizeOf(value) <= most);
  }

  private static int sizeOf(Object value) {
    return value instanceof Collection<?> items
        ? items.size()
        : value instanceof Map<?, ?> map ? map.size() : 0;
  }

  private static FieldRule each(FieldRule rule) {
    return new FieldRule.Each(rule);
  }

  private static FieldRule entries(FieldRule key, FieldRule value) {
    return new FieldRule.Entries(Optional.of(key), Optional.of(value));
  }

  private static boolean baseUrl(URI uri) {
    String scheme = ExternalEndpoints.urlScheme(uri);
    return (scheme.equals("http") || scheme.equals("https"))
        && uri.getHost() != null
        && uri.getPort() <= 65_535
        && uri.getPort() != 0
        && uri.getRawUserInfo() == null
        && uri.getRawQuery() == null
        && uri.getRawFragment() == null
        && !(ExternalEndpoints.isDnsName(uri) && ForbiddenAddresses.isLiteral(uri.getHost()));
  }

  private static boolean called(URI uri) {
    return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
        && uri.getHost() != null
        && uri.getPort() <= 65_535
        && uri.getPort() != 0
        && uri.getRawUserInfo() == null
        && uri.getRawFragment() == null
        && !SecretDetector.inUrl(uri.toString());
  }

  /// Collects the rules per record.
  private static final class Table {
    private final Map<Class<? extends Record>, Map<String, List<FieldRule>>> rules =
        new HashMap<>();
    private Map<String, List<FieldRule>> current = new HashMap<>();

    Table on(Class<? extends Record> type) {
      current = rules.computeIfAbsent(type, absent -> new HashMap<>());
      return this;
    }

    Table put(String field, FieldRule... rule) {
      current.computeIfAbsent(field, absent -> new ArrayList<>()).addAll(List.of(rule));
      return this;
    }
  }
}
