// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.control.crash.CrashPoint;
import dev.weir.model.Rollout;
import dev.weir.model.value.Metadata;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.Evidence;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/// `kill -9` of the control plane at a named point of a release under traffic. The result is the
/// same as without the crash, and no client sees a failure.
public final class CrashTrial implements Trial {
  private static final String FORGET_EVIDENCE = "forget-evidence";
  private static final String REPLICAS_DIE_TOO = "replicas-die-too";
  private static final int SAMPLE = 6;

  /// Audit entries per page.
  private static final int PAGE = 500;

  /// Audit actions that are more than a user's request.
  private static final List<String> DECISIONS =
      List.of("rollout.", "service.", "replica.", "fault.");

  /// The result of a play.
  ///
  /// @param phase of its rollout; empty without one
  /// @param steps actor, action and reason of each audit entry, in order, without numbers
  /// @param evidence every decision: step, weight and verdict, in order
  private record Outcome(String phase, List<String> steps, List<String> evidence) {}

  private record Death(CrashPlay play, CrashPoint point) {
    @Override
    public String toString() {
      return play + " dying at " + point;
    }
  }

  @Override
  public String name() {
    return "crash";
  }

  @Override
  public String about() {
    return "kill -9 of weir control at named points of releases under traffic (%d; --full: all %d)"
        .formatted(SAMPLE, deaths().size());
  }

  @Override
  public List<String> mutations() {
    return List.of(FORGET_EVIDENCE, REPLICAS_DIE_TOO);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    List<Death> deaths = deaths();
    Collections.shuffle(deaths, new Random(run.seed()));
    if (run.only().isPresent()) {
      deaths.removeIf(death -> !run.wants(death.toString()));
    } else if (!run.full()) {
      deaths = deaths.subList(0, SAMPLE);
    }
    DataLossInjector dataLossInjector = new DataLossInjector();
    try (CrashStack stack =
        new CrashStack(data -> {
          if (run.mutated(FORGET_EVIDENCE)) {
            dataLossInjector.forgetNewestEvidence(data);
          }
          if (run.mutated(REPLICAS_DIE_TOO)) {
            dataLossInjector.killReplicas(data);
          }
        })) {
      new Script(run, stack).play(deaths);
    }
  }

  private static List<Death> deaths() {
    List<Death> deaths = new ArrayList<>();
    for (CrashPlay play : CrashPlay.values()) {
      play.points().forEach(point -> deaths.add(new Death(play, point)));
    }
    return deaths;
  }

  /// The releases of one stack, in order.
  private static final class Script {
    private final TrialRun run;
    private final CrashStack stack;
    private final Map<CrashPlay, Outcome> uninterrupted = new EnumMap<>(CrashPlay.class);
    private int newest = 1;
    private int lost;

    Script(TrialRun run, CrashStack stack) {
      this.run = run;
      this.stack = stack;
    }

    void play(List<Death> deaths) throws Exception {
      Instant start = Instant.now();
      for (Death death : deaths) {
        tryOut(death);
      }
      run.check(
          "every snapshot can be served",
          stack.snapshotObserver().problems().isEmpty(),
          stack.snapshotObserver().problems());
      run.figure("deaths", stack.deaths());
      run.figure("requests", stack.crowd().asked());
      run.figure("failedRequests", stack.crowd().failures().size());
      run.figure("snapshots", stack.snapshotObserver().seen());
      run.figure("seconds", Duration.between(start, Instant.now()).toSeconds());
    }

    private void tryOut(Death death) throws Exception {
      try {
        if (!uninterrupted.containsKey(death.play())) {
          uninterrupted.put(death.play(), play(death.play(), death.play() + " uninterrupted"));
        }
        die(death);
      } catch (AssertionError e) {
        run.fail(death + ": " + e.getMessage());
        stack.orders().live();
        stack.orders().letGo();
      }
    }

    private void die(Death death) throws Exception {
      String what = death.toString();
      int before = stack.deaths();
      stack.orders().dieAt(death.point());
      Outcome outcome = play(death.play(), what);
      stack.awaitDeath(before);
      stack.orders().live();
      run.check(
          what + ": the control plane dies", stack.deaths() == before + 1, stack.deaths() - before);
      Outcome reference = Objects.requireNonNull(uninterrupted.get(death.play()));
      run.check(
          what + ": the result is the same as without the crash",
          outcome.equals(reference),
          outcome + ", without: " + reference);
    }

    private Outcome play(CrashPlay play, String what) {
      Instant start = Instant.now();
      int version = newest + 1;
      newest += 2;
      long audited = lastAudited();
      stack.orders().forgetPassed();
      Optional<Rollout> rollout = play.play(stack, stack.chat(), version);
      settle();
      List<String> failures = stack.crowd().failures();
      run.check(what + ": no request fails", failures.size() == lost, failures);
      lost = failures.size();
      var chain = stack.asked("is the audit chain whole", stack.client()::verifyAudit);
      run.check(what + ": the audit chain is unbroken", chain.verified(), chain);
      rollout.ifPresent(ended -> noAnswersAfterRevert(what, ended));
      stack.crowd().forgetAnswers();
      run.say("%s: %d s".formatted(what, Duration.between(start, Instant.now()).toSeconds()));
      return outcome(rollout, audited);
    }

    private void noAnswersAfterRevert(String what, Rollout ended) {
      ended
          .status()
          .revertedAt()
          .ifPresent(at -> noAnswersAfter(what, at, ended.spec().to().toString()));
    }

    private void noAnswersAfter(String what, Instant reverted, String version) {
      long answers = stack.crowd().answersSince(reverted, version);
      run.check(
          what + ": no answer of the version after its rollback",
          answers == 0,
          answers + " answers");
    }

    // The crash can happen after the end of the release: while replicas stop or records are
    // deleted.
    private void settle() {
      stack.until(
          "only replicas of the stable version are left",
          () ->
              stack.client().replicas().stream()
                  .allMatch(replica ->
                      stack.chat().stable().equals(Optional.of(replica.version().version()))));
    }

    private long lastAudited() {
      return audited(0).stream().mapToLong(AuditEntry::sequence).max().orElse(0);
    }

    private List<AuditEntry> audited(long after) {
      List<AuditEntry> all = new ArrayList<>();
      long from = after;
      List<AuditEntry> page;
      do {
        long since = from;
        page = stack.asked("the audit log", () -> stack.client().audit(since, PAGE).items());
        all.addAll(page);
        from = page.isEmpty() ? from : page.getLast().sequence();
      } while (page.size() == PAGE);
      return all;
    }

    private Outcome outcome(Optional<Rollout> rollout, long auditedBefore) {
      List<String> steps =
          audited(auditedBefore).stream()
              .filter(entry -> DECISIONS.stream().anyMatch(entry.action()::startsWith))
              .map(entry -> entry.principal() + " " + entry.action() + ": " + plain(entry.reason()))
              .toList();
      String phase = rollout.map(ended -> ended.status().phase().text()).orElse("");
      return new Outcome(phase, steps, rollout.map(this::evidence).orElse(List.of()));
    }

    private List<String> evidence(Rollout rollout) {
      String name = rollout.metadata().name();
      List<Evidence> kept =
          stack.asked(
              "the evidence", () -> stack.client().evidence(Metadata.DEFAULT_NAMESPACE, name));
      return kept.stream().map(Script::describe).toList();
    }

    private static String describe(Evidence evidence) {
      return "%d %d %s %s"
          .formatted(evidence.sequence(), evidence.step(), evidence.weight(), evidence.verdict());
    }

    // Traffic decides which of two bad metrics is detected first, and all numbers.
    private static String plain(String reason) {
      return reason
          .replaceAll("^.* is worse than tolerated.*$", "worse than tolerated")
          .replaceAll("decided by .*$", "decided by ...")
          .replaceAll("[0-9]+", "#");
    }
  }
}
