// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.client.ReplicaVerb;
import dev.weir.client.RolloutVerb;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.FaultRequest;
import dev.weir.model.view.ReplicaView;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// An operator that releases versions of one Service and reports how the releases end, whenever the
/// control plane answers.
///
/// @param service its name
record CrashOperator(CrashStack stack, String service) {
  private static final String[] NEVER_READY = {"--load-seconds", "100"};

  CrashManifest manifest(int version) {
    return CrashManifest.of(service, version);
  }

  /// The operator of a Service of its own, which no client asks for anything.
  CrashOperator beside(int version) {
    return new CrashOperator(stack, "aside-" + version);
  }

  // Resources

  void apply(String manifest) {
    stack.until(
        "a manifest of " + service + " is taken",
        () -> !stack.client().apply(manifest, false, "trial").toString().isEmpty());
  }

  /// Creates the Service with its first version, which is served without a release.
  void first(CrashManifest wanted) {
    apply(wanted.whole());
    stack.until("the first version of " + service, () -> stable().isPresent());
  }

  void release(CrashManifest wanted) {
    apply(wanted.whole());
    stack.until("a rollout to " + wanted.version(), () -> rollout(wanted.version()).isPresent());
  }

  /// A release that has not got as far as to a Ready replica.
  void beginRelease(int version) {
    release(manifest(version).with(NEVER_READY));
    reached(version, RolloutPhase.PROVISIONING);
  }

  void scale(int replicas) {
    int version = Integer.parseInt(stack.asked("what serves", () -> stable().orElseThrow()));
    apply(manifest(version).replicas(replicas).serviceAlone());
    stack.until(
        replicas + " replicas are ready",
        () ->
            replicas().size() == replicas
                && replicas().stream().allMatch(r -> r.state() == ReplicaState.READY));
  }

  void inject(Duration lasting) {
    FaultRequest error =
        new FaultRequest(
            service,
            FaultKind.ERROR,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            lasting,
            false);
    stack.ask(
        "a fault",
        () -> !seen().status().faults().isEmpty(),
        () -> stack.client().injectFault(Metadata.DEFAULT_NAMESPACE, error, "trial"));
  }

  /// The Service goes, with all that is its own.
  void leave() {
    ResourceRef ref = ref();
    stack.ask(
        service + " is removed",
        () -> stack.client().find(ref).isEmpty(),
        () -> stack.client().delete(ref, OptionalLong.empty(), "trial"));
    stack.until("no replica of " + service + " is left", () -> replicas().isEmpty());
  }

  Service seen() {
    return (Service) stack.client().get(ref());
  }

  private ResourceRef ref() {
    return ResourceRef.of(Kind.SERVICE, Metadata.DEFAULT_NAMESPACE, service);
  }

  Optional<String> stable() {
    return seen().status().stable().map(stable -> stable.version().version());
  }

  // Rollouts

  /// The newest rollout to a version.
  Optional<Rollout> rollout(int version) {
    return rollouts().stream()
        .filter(rollout -> rollout.spec().to().version().equals(Integer.toString(version)))
        .max(Comparator.comparingInt(CrashOperator::number));
  }

  List<Rollout> rollouts() {
    return stack.client().list(Kind.ROLLOUT, Metadata.DEFAULT_NAMESPACE).items().stream()
        .map(Rollout.class::cast)
        .filter(rollout -> rollout.spec().service().equals(service))
        .toList();
  }

  private static int number(Rollout rollout) {
    String name = rollout.metadata().name();
    return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
  }

  private Rollout known(int version) {
    return rollout(version).orElseThrow();
  }

  void reached(int version, RolloutPhase phase) {
    stack.until(version + " is " + phase, () -> known(version).status().phase() == phase);
  }

  /// Sends the command until the rollout has reached the expected phase or passed it.
  void command(int version, RolloutVerb verb, RolloutPhase expected) {
    stack.ask(
        verb.text() + " of " + version,
        () -> {
          RolloutPhase phase = known(version).status().phase();
          return phase == expected || (phase.terminal() && expected.next().contains(phase));
        },
        () -> say(version, verb));
  }

  void say(int version, RolloutVerb verb) {
    String name = known(version).metadata().name();
    var _ = stack.client().rollout(verb, Metadata.DEFAULT_NAMESPACE, name, "trial");
  }

  /// Guard rails hold it no more.
  void override(int version, String why) {
    stack.ask(
        "an override of " + version + " to " + why,
        () ->
            known(version).status().overridden().stream().anyMatch(how -> how.reason().equals(why)),
        () -> {
          String name = known(version).metadata().name();
          var _ = stack.client().override(Metadata.DEFAULT_NAMESPACE, name, why, Optional.empty());
        });
  }

  void secondStep(int version) {
    stack.ask(
        "the second step",
        () -> known(version).status().step() == 1,
        () -> say(version, RolloutVerb.PROMOTE));
  }

  Rollout aborted(int version) {
    command(version, RolloutVerb.ABORT, RolloutPhase.ROLLING_BACK);
    return ended(version);
  }

  Rollout ended(int version) {
    stack.until(version + " is over", () -> over(known(version)));
    return stack.asked("what became of " + version, () -> known(version));
  }

  static boolean over(Rollout rollout) {
    return rollout.status().phase().terminal();
  }

  // Replicas

  List<ReplicaView> replicas() {
    return stack.client().replicas().stream()
        .filter(replica -> replica.service().equals(service))
        .toList();
  }

  /// The last replica of a version.
  ReplicaView replica(int version) {
    String wanted = Integer.toString(version);
    return stack.asked(
        "a replica of " + version,
        () ->
            replicas().stream()
                .filter(replica -> replica.version().version().equals(wanted))
                .max(Comparator.comparing(ReplicaView::name))
                .orElseThrow());
  }

  private ReplicaView again(ReplicaView replica) {
    return replicas().stream()
        .filter(now -> now.name().equals(replica.name()))
        .findFirst()
        .orElse(replica);
  }

  void cordon(ReplicaView replica) {
    stack.ask(
        "a cordon of " + replica.name(),
        () -> again(replica).order().isPresent(),
        () -> order(ReplicaVerb.CORDON, replica, false));
  }

  /// Waits until orders for removed replicas are removed too. A control plane that has just started
  /// first has to find every replica again.
  void noOrders() {
    stack.until("no order is left", () -> seen().status().orders().isEmpty());
  }

  /// Until another process is Ready.
  void restart(ReplicaView replica) {
    restart(replica, false);
  }

  void restartNow(ReplicaView replica) {
    restart(replica, true);
  }

  private void restart(ReplicaView replica, boolean now) {
    stack.ask(
        "the restart of " + replica.name(),
        () -> again(replica).order().isPresent() || anew(replica),
        () -> order(ReplicaVerb.RESTART, replica, now));
    stack.until(
        replica.name() + " serves again",
        () ->
            seen().status().orders().isEmpty()
                && again(replica).state() == ReplicaState.READY
                && anew(replica));
  }

  private boolean anew(ReplicaView replica) {
    Optional<Long> pid = again(replica).pid();
    return pid.isPresent() && !pid.equals(replica.pid());
  }

  private void order(ReplicaVerb verb, ReplicaView replica, boolean now) {
    var _ =
        stack
            .client()
            .replica(verb, Metadata.DEFAULT_NAMESPACE, replica.name(), now, false, "trial");
  }

  /// The process of its only replica is killed, and those after it cannot start.
  void killForGood(int version) {
    ReplicaView replica = replica(version);
    ProcessHandle.of(replica.pid().orElseThrow()).ifPresent(ProcessHandle::destroyForcibly);
    stack.until(
        replica.name() + " is given up", () -> again(replica).state() == ReplicaState.FAILED);
  }
}
